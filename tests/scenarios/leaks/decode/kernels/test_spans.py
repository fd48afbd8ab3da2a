"""Runs of an alphabet are found as a regular expression finds them."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.runs import members_of, runs_of
from tests.scenarios.leaks.decode.conftest import Ways


@given(data=st.text("ab-\n", max_size=80), least=st.integers(1, 9))
def test_runs_are_those_of_an_expression(both_ways: Ways, data: str, least: int) -> None:
    expected = [match.span() for match in re.finditer(rf"[ab]{{{least},}}", data)]

    def ask() -> list[tuple[int, int]]:
        found = runs_of(data.encode(), members_of(b"ab"), least)
        assert found.starts.dtype == np.int64
        return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))

    assert both_ways(ask) == (expected, expected)
