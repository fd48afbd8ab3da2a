"""Delta debugging finds a smallest failing part, and nothing in it can go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.repeat.ddmin import smallest


@given(st.sets(st.integers(0, 59), min_size=1, max_size=4))
def test_a_fault_of_a_few_among_sixty(guilty: set[int]) -> None:
    tries = 0

    def fails(part: object) -> bool:
        nonlocal tries
        tries += 1
        return guilty <= set(part)  # type: ignore[call-overload]

    assert smallest(range(60), fails) == sorted(guilty)
    assert tries < 200


def test_one_of_sixty_takes_few_tries() -> None:
    asked: list[int] = []
    assert smallest(range(60), lambda part: asked.append(len(part)) or 41 in part) == [41]  # type: ignore[func-returns-value, redundant-expr]
    assert len(asked) <= 14


def test_what_does_not_fail_is_not_shrunk() -> None:
    with pytest.raises(ValueError, match="does not fail"):
        smallest([1, 2], lambda _: False)
