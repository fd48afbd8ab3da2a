"""Two reports: a load that became slower is a difference, noise is none."""

import msgspec
import pytest

from scenarios.report.difference import _of_load
from scenarios.report.document import Load

BEFORE = Load(requests=1_000, failures=0, rps=50.0, p50_ms=8.0, p95_ms=20.0, p99_ms=60.0, slo=())


@pytest.mark.parametrize(
    ("changed", "slower", "faster"),
    [
        ({"p95_ms": 900.0}, ["load p95_ms: 20 before, 900 now"], []),
        ({"rps": 20.0}, ["load rps: 50 before, 20 now"], []),
        ({"failures": 30}, ["load failed: 0.0% before, 3.0% now"], []),
        ({"p99_ms": 30.0}, [], ["load p99_ms: 60 before, 30 now"]),
        ({"p50_ms": 14.0, "p95_ms": 28.0, "failures": 5, "rps": 40.0}, [], []),
    ],
)
def test_a_change_beyond_chance_is_told(changed: dict[str, float], slower: list[str], faster: list[str]) -> None:
    assert _of_load(BEFORE, msgspec.structs.replace(BEFORE, **changed)) == (slower, faster)


def test_a_load_that_is_no_longer_judged_is_worse() -> None:
    assert _of_load(BEFORE, None) == (["load: no longer judged"], [])
    assert _of_load(None, BEFORE) == ([], [])
    assert _of_load(None, None) == ([], [])
