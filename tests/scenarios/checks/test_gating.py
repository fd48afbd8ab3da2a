"""Mistakes of hearing are judged as shares."""

from typing import Any

import pytest

from scenarios.checks.gating import figures, gating
from scenarios.model.scenario import Gating
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


@pytest.mark.parametrize(("copies", "told"), [(1, "kept"), (2, "kept"), (1, "dropped"), (2, "dropped"), (1, None)])
def test_every_stored_false_wake_was_accepted(copies: int, told: str | None) -> None:
    wake = said("H99-D1-001")
    rows: list[Any] = [(wake, delivered(wake), [stored(wake)])]
    for number in range(10):
        confusable = said(f"H{number:02}-D1-002", **FALSE)
        clips = [stored(confusable, f"ref-{number}-{copy}") for copy in range(copies)]
        rows.append((confusable, delivered(confusable, told), clips))
    verdict = gating(ledger(*rows), Gating(max_false_accept_share=0.5))
    assert verdict.outcome is Outcome.FAIL
    assert "10 of 10 false wakes accepted" in verdict.why


def lost(count: int, of: int, *, rejects: int = 0) -> Any:
    confusable = said("H99-D1-002", **FALSE)
    rows: list[Any] = [(confusable, delivered(confusable, "dropped"), [])]
    for number in range(of):
        wake = said(f"H{number:02}-D1-001")
        kept = number >= count + rejects
        told = None if number < count else "kept" if kept else "dropped"
        rows.append((wake, delivered(wake, told), [stored(wake)] if kept else []))
    return ledger(*rows)


def test_requests_that_were_all_lost_say_nothing_of_hearing() -> None:
    verdict = gating(lost(10, 10), Gating())
    assert (verdict.outcome, verdict.examined) == (Outcome.UNKNOWN, 0)
    assert "all 10 wake requests were lost" in verdict.why


def test_the_share_of_rejects_is_of_those_that_were_not_lost() -> None:
    limits = Gating(max_false_reject_share=0.2)
    assert gating(lost(5, 10, rejects=1), limits).outcome is Outcome.PASS
    verdict = gating(lost(6, 10, rejects=1), limits)
    assert verdict.outcome is Outcome.FAIL
    assert "1 of 4 wake requests rejected" in verdict.why
    assert verdict.why.endswith("6 wake requests were lost")


def test_a_share_over_its_limit_fails_whatever_was_not_said() -> None:
    """A system that loses requests is not excused by a fleet without false wakes, nor one that keeps those."""
    wakes = [said(f"H{number:02}-D1-001") for number in range(4)]
    rejected = gating(ledger(*((wake, delivered(wake, "dropped"), []) for wake in wakes)), Gating())
    assert (rejected.outcome, rejected.examined) == (Outcome.FAIL, 4)
    assert "4 of 4 wake requests rejected" in rejected.why
    assert "no false wakes were said" in rejected.why
    confusable = said("H09-D1-002", **FALSE)
    accepted = gating(ledger((confusable, delivered(confusable, "kept"), [stored(confusable)])), Gating())
    assert accepted.outcome is Outcome.FAIL
    assert "1 of 1 false wakes accepted" in accepted.why


def test_what_was_not_said_keeps_the_rest_from_passing() -> None:
    wake = said()
    verdict = gating(ledger((wake, delivered(wake, "kept"), [stored(wake)])), Gating())
    assert verdict.outcome is Outcome.UNKNOWN
    assert "0 of 1 wake requests rejected" in verdict.why
