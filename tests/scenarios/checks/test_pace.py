"""A generator that falls behind its own time makes a run unknown."""

from scenarios.checks.load import pace
from scenarios.verdict import Outcome
from simulator.device.clock import pace as kept


def test_a_fleet_in_time_passes_and_says_by_how_much() -> None:
    verdict = pace(kept([1.0] * 99 + [40.0], limit_ms=250.0))
    assert verdict.outcome is Outcome.PASS
    assert verdict.examined == 100
    assert "limit 250 ms" in verdict.why


def test_a_fleet_that_fell_behind_is_unknown() -> None:
    assert pace(kept([1.0] * 95 + [400.0] * 5, limit_ms=250.0)).outcome is Outcome.UNKNOWN


def test_without_a_pace_nothing_was_examined() -> None:
    verdict = pace(None)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.examined == 0


def test_a_fleet_that_the_gateway_held_up_is_not_blamed() -> None:
    verdict = pace(kept([25_000.0] * 100, limit_ms=250.0, own_ms=[3.0] * 100, longest_wait_ms=25_000.0))
    assert verdict.outcome is Outcome.UNKNOWN
    assert "the gateway held the fleet up, for 25.0 s at the longest" in verdict.why
    assert "gateway" not in pace(kept([400.0] * 100, limit_ms=250.0, own_ms=[300.0] * 100)).why
