"""What a gateway's log may say."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.loggable_counts import loggable
from gateway.wire import REASONS

kept = st.dictionaries(st.sampled_from(["kept:wake_word", "kept:button", "busy:overloaded"]), st.integers(1, 9))
told_nobody = st.dictionaries(
    st.sampled_from([f"dropped:{reason}" for reason in REASONS] + ["incomplete:gap", "stream_ignored"]),
    st.integers(1, 9),
)


@given(kept, told_nobody)
def test_the_line_is_the_same_whatever_was_dropped(counts: dict[str, int], dropped: dict[str, int]) -> None:
    assert loggable(counts | dropped) == loggable(counts)


def test_the_line_names_reasons_and_how_often() -> None:
    assert loggable({"kept:wake_word": 3, "broke:ValueError": 1}) == "broke:ValueError 1, kept:wake_word 3"
    assert loggable({}) == "nothing yet"
