"""Mistakes of hearing are judged as shares."""

from typing import Any

from scenarios.checks.gating import figures, gating
from scenarios.scenario import Gating
from scenarios.verdict import Outcome
from tests.scenarios.world import delivered, ledger, said, stored

FALSE: dict[str, Any] = {"kind": "false_wake", "expected": "drop", "duration_ms": 36_000}


def made(rejects: int, accepts: int) -> Any:
    rows: list[Any] = []
    for number in range(10):
        wake = said(f"H{number:02}-D1-001")
        rejected = number < rejects
        rows.append((wake, delivered(wake, "dropped" if rejected else "kept"), [] if rejected else [stored(wake)]))
        confusable = said(f"H{number:02}-D1-002", **FALSE)
        kept = [stored(confusable)] if number < accepts else []
        rows.append((confusable, delivered(confusable, "kept" if kept else "dropped"), kept))
    return ledger(*rows)


def test_shares_within_the_limits_pass_and_beyond_them_fail() -> None:
    limits = Gating(max_false_reject_share=0.1, max_false_accept_share=0.2)
    assert gating(made(1, 2), limits).outcome is Outcome.PASS
    assert gating(made(2, 0), limits).outcome is Outcome.FAIL
    assert gating(made(0, 3), limits).outcome is Outcome.FAIL


def test_figures_count_and_rate() -> None:
    found = figures(made(1, 3))
    assert (found.wake, found.false_wake, found.false_rejects, found.false_accepts) == (10, 10, 1, 3)
    assert found.false_accepts_per_hour == 30.0


def test_nothing_said_is_unknown() -> None:
    one = said()
    assert gating(ledger((one, delivered(one), [stored(one)])), Gating()).outcome is Outcome.UNKNOWN
