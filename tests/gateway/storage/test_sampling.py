from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.sampling import sampled


@given(st.text(max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_sample_holds_the_smaller_one(ref: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert sampled(ref, large) or not sampled(ref, small)
    assert sampled(ref, 1.0)
    assert not sampled(ref, 0.0)


def test_the_sample_has_its_size() -> None:
    picked = sum(sampled(f"clip-{at}", 0.25) for at in range(4000))
    assert 850 < picked < 1150  # 1000 expected, five standard deviations are 137
