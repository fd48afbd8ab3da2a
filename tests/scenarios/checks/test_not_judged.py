"""What the run saw and nobody asked about makes no clean verdict; limits of the scenario's own."""

import pytest

from scenarios.checks.figures import Measured
from scenarios.checks.not_judged import not_judged
from scenarios.checks.share import interval, of
from scenarios.checks.thresholds import thresholds
from scenarios.model.expectation import Threshold
from scenarios.model.fleet import Fleet
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Control, Searched
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import delivered, finding, ledger, observed, response, said, stored

UTTERANCE = said()
CLEAN = ledger((UTTERANCE, delivered(UTTERANCE), [stored(UTTERANCE)]))
MUTED = said(kind="muted", expected="drop", acoustic=False)


@pytest.mark.parametrize(
    ("seen", "book", "check"),
    [
        ({"responses": (response(findings=(finding(),)),)}, CLEAN, "leaks"),
        ({"at_rest": (Searched(name="x.log", bytes=3, findings=(finding(),)),)}, CLEAN, "at_rest"),
        ({"controls": (Control(name="x", via="y", found=False),)}, CLEAN, "positive_control"),
        ({}, ledger((UTTERANCE, None, [])), "conservation"),
        ({}, ledger((MUTED, delivered(MUTED), [stored(MUTED)])), "should_not_exist"),
        ({}, ledger((UTTERANCE, delivered(UTTERANCE), [stored(UTTERANCE)]), unexplained=1), "should_not_exist"),
    ],
)
def test_each_fault_wants_its_check(seen: dict[str, object], book: Ledger, check: str) -> None:
    observed_ = observed(**seen)
    found = not_judged(book, observed_, {"sampling"})
    assert found is not None
    assert found.outcome is Outcome.UNKNOWN
    assert f"add {check} to checks" in found.why
    assert not_judged(book, observed_, {check}) is None


def test_nothing_wrong_is_nothing_to_judge() -> None:
    assert not_judged(CLEAN, observed(), set()) is None


@pytest.mark.parametrize(
    ("said_", "outcome"),
    [
        ("gating.false_reject_share <= 0.1", Outcome.PASS),
        ("load.p95_ms{GET /clips/{ref}} < 5", Outcome.PASS),
        ("load.p95_ms < 4", Outcome.FAIL),
        ("load.p95_ms{GET /nowhere} < 5", Outcome.UNKNOWN),
        ("linkage.auc_ids < 0.6", Outcome.UNKNOWN),
    ],
)
def test_a_threshold_holds_is_broken_or_was_not_measured(said_: str, outcome: Outcome) -> None:
    ran = [Verdict(check=name, outcome=Outcome.PASS, examined=1, why="x") for name in ("gating", "load")]
    run = Measured(ledger=CLEAN, seen=observed(), residual=None, verdicts=ran)
    assert thresholds([Threshold(that=said_)], run, Fleet()).outcome is outcome


def test_none_of_many_is_not_none_for_certain() -> None:
    low, high = interval(0, 20)
    assert low == 0
    assert 0.16 < high < 0.17  # Wilson: z^2 / (n + z^2)
    assert of(0, 20, "clips lost") == "0 of 20 clips lost (95 %: 0 to 16 %)"
    assert interval(0, 0) == (0.0, 1.0)
