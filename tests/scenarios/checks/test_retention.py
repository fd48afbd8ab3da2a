"""What expires is gone on its day and not before."""

import pytest

from gateway.contract.model import load_contract
from scenarios.checks.retention import retention
from scenarios.model.observations import Aged
from scenarios.run.ageing import probes
from scenarios.verdict import Outcome
from tests.scenarios.world import observed

STRICT = load_contract("strict")
GOOD = ((0, 5, 5, 5), (89, 5, 5, 5), (91, 5, 0, 0), (179, 5, 0, 0), (181, 0, 0, 0))


def looks(rows: tuple[tuple[int, int, int, int], ...]) -> tuple[Aged, ...]:
    return tuple(Aged(days=d, clips=c, linked=li, owned=o) for d, c, li, o in rows)


def test_days_to_look_at() -> None:
    assert probes(STRICT) == [0, 89, 91, 179, 181]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, Outcome.PASS),
        ({4: (181, 1, 0, 0)}, Outcome.FAIL),
        ({2: (91, 5, 1, 0)}, Outcome.FAIL),
        ({2: (91, 5, 0, 2)}, Outcome.FAIL),
        ({1: (89, 4, 4, 4)}, Outcome.FAIL),
        ({0: (0, 0, 0, 0)}, Outcome.UNKNOWN),
    ],
)
def test_each_broken_promise_is_seen(change: dict[int, tuple[int, int, int, int]], outcome: Outcome) -> None:
    rows = tuple(change.get(at, row) for at, row in enumerate(GOOD))
    assert retention(observed(aged=looks(rows)), STRICT).outcome is outcome


def test_no_look_is_unknown() -> None:
    assert retention(observed(), STRICT).outcome is Outcome.UNKNOWN
