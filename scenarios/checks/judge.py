"""The list of checks, in the order a report shows them, and how one is run: a crash is unknown, never a pass."""

import functools
import traceback
from collections.abc import Callable, Collection

import msgspec

from gateway.contract.model import Contract
from scenarios.attacks.residual import Residual
from scenarios.checks import audio, delivery, exposure, gating, load, pace, residual, retention
from scenarios.checks.figures import Measured
from scenarios.checks.intact import Integrity, integrity
from scenarios.checks.not_judged import not_judged
from scenarios.checks.thresholds import thresholds
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.model.scenario import Scenario
from scenarios.verdict import Outcome, Verdict
from simulator.world.truth import Pace


class Case(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All a check may look at. `capabilities` is what the target offers: join:exact, audio, at_rest ...

    `as_sent`: the target keeps sound as it came, so that other samples are a fault.
    """

    scenario: Scenario
    contract: Contract
    ledger: Ledger
    seen: Observations
    pace: Pace | None = None
    residual: Residual | None = None
    capabilities: frozenset[str]
    as_sent: bool = True

    @functools.cached_property
    def integrity(self) -> Integrity | None:
        """Served clips beside what was sent; compared once, for the check and for the reports."""
        return integrity(self.ledger, self.seen, self.contract) if self.as_sent else None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`requires` are capabilities without which the outcome is unknown."""

    name: str
    requires: frozenset[str]
    judge: Callable[[Case], Verdict]


CHECKS: tuple[Check, ...] = (
    Check(name="leaks", requires=frozenset(), judge=lambda c: exposure.leaks(c.seen)),
    Check(name="positive_control", requires=frozenset(), judge=lambda c: exposure.positive_control(c.seen)),
    Check(
        name="coverage",
        requires=frozenset(),
        judge=lambda c: exposure.coverage(c.ledger, c.seen, share=c.contract.review.sampling),
    ),
    Check(
        name="sampling",
        requires=frozenset({"join:exact"}),
        judge=lambda c: exposure.sampling(c.ledger, c.seen, share=c.contract.review.sampling),
    ),
    Check(
        name="conservation",
        requires=frozenset({"join:exact"}),
        judge=lambda c: delivery.conservation(c.ledger, c.integrity),
    ),
    Check(
        name="should_not_exist",
        requires=frozenset({"join:exact"}),
        judge=lambda c: delivery.should_not_exist(c.ledger),
    ),
    Check(
        name="gating",
        requires=frozenset({"join:exact"}),
        judge=lambda c: gating.gating(c.ledger, c.scenario.gating),
    ),
    Check(
        name="spoken_secrets",
        requires=frozenset({"join:exact", "truth:audio"}),
        judge=lambda c: audio.spoken_secrets(c.ledger, c.seen, c.contract.allow),
    ),
    Check(
        name="linkage",
        requires=frozenset({"join:exact"}),
        judge=lambda c: residual.linkage(c.residual, c.contract),
    ),
    Check(
        name="anonymity",
        requires=frozenset({"join:exact"}),
        judge=lambda c: residual.anonymity(c.residual, c.contract),
    ),
    Check(name="at_rest", requires=frozenset({"at_rest"}), judge=lambda c: exposure.at_rest(c.seen)),
    Check(
        name="retention",
        requires=frozenset({"at_rest"}),
        judge=lambda c: retention.retention(c.seen, c.contract),
    ),
    Check(name="load", requires=frozenset(), judge=lambda c: load.load(c.seen, c.scenario.load)),
    Check(name="pace", requires=frozenset(), judge=lambda c: pace.pace(c.pace)),
)


def judge(case: Case, names: Collection[str]) -> tuple[Verdict, ...]:
    """Run the named checks in the list's order, then the scenario's thresholds; last, what none of them judged."""
    verdicts = [_run(check, case) for check in CHECKS if check.name in names]
    if case.scenario.thresholds:
        run = Measured(ledger=case.ledger, seen=case.seen, residual=case.residual, verdicts=verdicts)
        verdicts.append(thresholds(case.scenario.thresholds, run))
    rest = not_judged(case.ledger, case.seen, names)
    return (*verdicts, *((rest,) if rest else ()))


def _run(check: Check, case: Case) -> Verdict:
    missing = check.requires - case.capabilities
    if missing:
        why = f"the target does not offer {', '.join(sorted(missing))}"
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=why)
    try:
        verdict = check.judge(case)
    except Exception as error:  # whatever it was, nothing was proved; its text may quote what it choked on
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        why = f"the check crashed ({type(error).__name__}, line {line})"
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=why)
    if verdict.outcome is Outcome.PASS and verdict.examined == 0:
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=f"examined nothing: {verdict.why}")
    return verdict
