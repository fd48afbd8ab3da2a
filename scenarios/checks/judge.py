"""The list of checks, in the order of the report, and how one is run. A check that crashes is unknown."""

import functools
import traceback
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from gateway.contract.model import Contract
from scenarios.attacks.residual import Residual
from scenarios.checks import access, audio, delivery, exposure, gating, load, residual, retention
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
    """Everything a check may look at. `capabilities` is what the target offers: join:exact, audio, at_rest ...

    With `as_sent` the target keeps sound unchanged, so that other samples are a fault. `strangers` counts the messages
    of devices that nobody knows. `given` are verdicts of an earlier look that cannot be taken again, and `compared` is
    what it found of the sound.
    """

    scenario: Scenario
    contract: Contract
    ledger: Ledger
    seen: Observations
    pace: Pace | None = None
    residual: Residual | None = None
    capabilities: frozenset[str]
    as_sent: bool = True
    strangers: int = 0
    given: Mapping[str, Verdict] = MappingProxyType({})
    compared: Integrity | None = None

    @functools.cached_property
    def integrity(self) -> Integrity | None:
        """Served clips compared with what was sent: once, for the check and for the reports."""
        if self.compared is not None:
            return self.compared
        return integrity(self.ledger, self.seen, self.contract) if self.as_sent else None

    @functools.cached_property
    def audible(self) -> Mapping[str, audio.Heard | None]:
        """What can be heard of the secrets in each served clip: once, for the check and for the history."""
        return audio.audible(self.ledger, self.seen)

    @property
    def listened(self) -> Mapping[str, audio.Heard | None] | None:
        """What a check has heard in the served clips; None where no check listened."""
        return self.__dict__.get("audible")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`requires` are the capabilities that the check needs. Without them the outcome is unknown."""

    name: str
    requires: frozenset[str]
    judge: Callable[[Case], Verdict]


def _leaks(case: Case) -> Verdict:
    """What somebody's own system kept was read whole, however few clips the contract lets people see."""
    whole = any(each.method == exposure.READ for each in case.seen.responses)
    share = 1.0 if whole else case.contract.review.sampling
    return exposure.leaks(case.ledger, case.seen, share=share)


CHECKS: tuple[Check, ...] = (
    Check(name="leaks", requires=frozenset(), judge=_leaks),
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
        judge=lambda c: delivery.should_not_exist(c.ledger, c.strangers),
    ),
    Check(
        name="gating",
        requires=frozenset({"join:exact"}),
        judge=lambda c: gating.gating(c.ledger, c.scenario.gating),
    ),
    Check(
        name="spoken_secrets",
        requires=frozenset({"join:exact", "truth:audio"}),
        judge=lambda c: audio.spoken_secrets(c.ledger, c.audible, c.contract.allow),
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
    Check(name="access", requires=frozenset(), judge=lambda c: access.asked(c.seen, "access")),
    Check(name="review_work", requires=frozenset(), judge=lambda c: access.asked(c.seen, "review_work")),
    Check(name="load", requires=frozenset(), judge=lambda c: load.load(c.seen, c.scenario.load)),
    Check(name="pace", requires=frozenset(), judge=lambda c: load.pace(c.pace)),
)


def judge(case: Case, names: Collection[str]) -> tuple[Verdict, ...]:
    """Run the named checks in the list's order, then the thresholds, then look for findings that no check judged."""
    verdicts = [_run(check, case) for check in CHECKS if check.name in names]
    if case.scenario.thresholds:
        run = Measured(ledger=case.ledger, seen=case.seen, residual=case.residual, verdicts=verdicts)
        verdicts.append(thresholds(case.scenario.thresholds, run, case.scenario.fleet))
    rest = not_judged(case.ledger, case.seen, names)
    return (*verdicts, *((rest,) if rest else ()))


def _run(check: Check, case: Case) -> Verdict:
    if check.name in case.given:
        return case.given[check.name]
    missing = check.requires - case.capabilities
    if missing:
        why = f"the target does not offer {', '.join(sorted(missing))}"
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=why)
    try:
        verdict = check.judge(case)
    except Exception as error:  # whatever it was, nothing was proved; its text may quote what it choked on
        at = traceback.extract_tb(error.__traceback__)[-1]
        why = f"not checked: a fault of Earlid's own stopped this check ({Path(at.filename).name}:{at.lineno})"
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=why)
    if verdict.outcome is Outcome.PASS and verdict.examined == 0:
        return Verdict(check=check.name, outcome=Outcome.UNKNOWN, examined=0, why=f"examined nothing: {verdict.why}")
    return verdict
