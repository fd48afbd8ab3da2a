"""Limits: held, broken, held within what they may miss, warmed up, and the one that stopped the run."""

import msgspec
import pytest

from scenarios.checks.figures import Measured
from scenarios.checks.thresholds import broken_early, thresholds
from scenarios.model.expectation import Threshold, limit, threshold_faults
from scenarios.model.fleet import Fleet
from scenarios.model.observations import LoadFigures, Observations
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import delivered, ledger, observed, response, said, stored

FIGURES = LoadFigures(requests=4, failures=0, seconds=10.0, rps=0.4, p50_ms=1, p95_ms=1, p99_ms=1)


def seen(*ms: float, **more: object) -> Observations:
    return observed(responses=tuple(response(ms=each) for each in ms), load=FIGURES, **more)


def measured(observations: Observations) -> Measured:
    kept, lost = said("H01-D1-001"), said("H01-D1-002")
    found = ledger((kept, delivered(kept), [stored(kept)]), (lost, delivered(lost, "dropped", "no_wake_word"), []))
    ran = [
        Verdict(check=name, outcome=Outcome.PASS, examined=1, why="x") for name in ("load", "gating", "conservation")
    ]
    return Measured(ledger=found, seen=observations, residual=None, verdicts=ran)


def limited(that: str, **more: object) -> Threshold:
    return Threshold.model_validate({"that": that, **more})


def judged(threshold: Threshold | str, observations: Observations | None = None) -> tuple[Outcome, str]:
    verdict = thresholds([threshold], measured(observations or seen(900, 10, 20, 30)), Fleet())
    return verdict.outcome, verdict.why


@pytest.mark.parametrize(
    ("threshold", "outcome", "says"),
    [
        ("load.max_ms < 1000", Outcome.PASS, "load.max_ms < 1000: 900, holds"),
        ("load.p(95) < 500", Outcome.FAIL, "load.p95_ms < 500: 769.5, broken"),
        (limited("load.max_ms < 100", warmup="2s"), Outcome.PASS, "30 after 2 s of warm-up, holds"),
        (Threshold(that="load.avg_ms < 200", tolerance=50), Outcome.PASS, "240, holds within the tolerance of 50"),
        (Threshold(that="load.avg_ms < 200", tolerance=10), Outcome.FAIL, "broken, by more than the tolerance of 10"),
        (Threshold(that="load.requests == 5", tolerance=1), Outcome.PASS, "4, holds within the tolerance of 1"),
        ("gating.false_reject_share < 60 %", Outcome.PASS, "0.5 (1 of 2; 95 %: 0.095 to 0.91), holds"),
        ("leaks.findings == 0", Outcome.UNKNOWN, "leaks.findings == 0: not measured"),
    ],
)
def test_a_limit_says_its_value_and_how_sure_it_is(threshold: Threshold | str, outcome: Outcome, says: str) -> None:
    told = judged(threshold, seen(900, 10, 20, 30, warm={2_000: 1}))
    assert told[0] is outcome
    assert says in told[1]


def test_what_stopped_the_run_is_broken_whatever_comes_out() -> None:
    outcome, why = judged("load.max_ms < 1000", seen(1, stopped="load.p95_ms < 5: 9 after 3 s"))
    assert outcome is Outcome.FAIL
    assert why.startswith("stopped the run: load.p95_ms < 5: 9 after 3 s")


@pytest.mark.parametrize(
    ("that", "abort", "says"),
    [
        ("gating.false_rejects == 0", True, "gating.false_rejects == 0: 1 before any reviewer worked"),
        ("gating.false_rejects == 0", False, None),
        ("gating.false_rejects <= 1", True, None),
        ("load.max_ms < 1", True, None),
    ],
)
def test_a_limit_of_the_fleet_stops_before_reviewers_work(that: str, abort: bool, says: str | None) -> None:
    assert broken_early([Threshold(that=that, abort=abort)], measured(seen(900)), Fleet()) == says


@pytest.mark.parametrize(
    ("said_", "value", "tolerance", "holds"),
    [("< 5", 5.5, 1, True), ("< 5", 6, 1, False), (">= 5", 4, 1, True), ("!= 5", 5.5, 1, False), ("!= 5", 7, 1, True)],
)
def test_a_tolerance_widens_the_bound(said_: str, value: float, tolerance: float, holds: bool) -> None:
    assert limit(f"load.rps {said_}").bound.holds(value, tolerance) is holds


TWO = Fleet.model_validate({"cohorts": [{"name": "old", "households": 1}, {"name": "young", "households": 1}]})


@pytest.mark.parametrize(
    ("that", "outcome", "says"),
    [
        ("conservation.lost{cohort old} == 0", Outcome.FAIL, "conservation.lost{cohort old} == 0: 1, broken"),
        ("conservation.lost{cohort young} == 0", Outcome.PASS, "holds"),
        ("gating.false_reject_share{cohort young} < 50 %", Outcome.PASS, "0 (0 of 1; 95 %"),
    ],
)
def test_a_limit_for_one_cohort_counts_its_homes_alone(that: str, outcome: Outcome, says: str) -> None:
    one, other = said("H01-D1-001"), said("H02-D1-001")
    rows = ledger((one, delivered(one, None), []), (other, delivered(other), [stored(other)]))
    judged = [Verdict(check=check, outcome=Outcome.PASS, examined=2, why="") for check in ("conservation", "gating")]
    run = Measured(ledger=rows, seen=observed(), residual=None, verdicts=judged)
    verdict = thresholds([that], run, TWO)
    assert verdict.outcome is outcome
    assert says in verdict.why
    nobody = msgspec.structs.replace(run, ledger=msgspec.structs.replace(rows, rows=rows.rows[:0]))
    assert thresholds([that], nobody, TWO).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("that", "says"),
    [
        ("gating.false_reject_share{cohort odl} < 5 %", "odl: did you mean old? allowed: old, young"),
        ("leaks.findings{cohort old} == 0", "leaks.findings: is not measured by cohort; those that are: conservation."),
        ("gating.false_reject_share{old} < 5 %", "of one cohort: gating.false_reject_share{cohort NAME}"),
    ],
)
def test_a_cohort_that_cannot_be_measured_is_told(that: str, says: str) -> None:
    ((_, told),) = threshold_faults([that], ["gating", "leaks"], ["old", "young"])
    assert says in told
