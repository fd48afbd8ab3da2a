"""A generator that falls behind its own time makes a run unknown."""

from scenarios.checks.pace import pace
from scenarios.verdict import Outcome
from simulator.device.clock import pace as kept


def test_a_fleet_in_time_passes_and_says_by_how_much():
    verdict = pace(kept([1.0] * 99 + [40.0], limit_ms=250.0))
    assert verdict.outcome is Outcome.PASS
    assert verdict.examined == 100
    assert "limit 250 ms" in verdict.why


def test_a_fleet_that_fell_behind_is_unknown():
    assert pace(kept([1.0] * 95 + [400.0] * 5, limit_ms=250.0)).outcome is Outcome.UNKNOWN


def test_without_a_pace_nothing_was_examined():
    verdict = pace(None)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.examined == 0
