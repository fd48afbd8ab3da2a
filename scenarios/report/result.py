"""One run's outcome: what the reports are written from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from gateway.contract.model import Contract
from gateway.decision import Decision
from scenarios.attacks.residual import Residual
from scenarios.checks.audio import Heard
from scenarios.checks.figures import Measured, figure
from scenarios.checks.intact import Integrity
from scenarios.model.expectation import Expect, bound
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.model.scenario import Scenario
from scenarios.report.finding_row import Waived
from scenarios.report.made import Made
from scenarios.report.record import Earlier
from scenarios.verdict import Finding, Outcome, Verdict, combine
from simulator.links.fault_kinds import Schedule
from simulator.world.truth import Pace


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """`timing` holds seconds by phase; `pace` is that of a paced run, `schedule` what went wrong on purpose.

    `residual` is what an attacker is left with, `hostile` the messages of hostile devices by kind. `waived` findings
    count for no verdict; `baseline_notes` say which of the baseline's entries do nothing any more. `whole` says that
    all its checks looked at is at hand, so that a record can be kept; `earlier` is the run that was judged again.
    `decisions` are what the gateway said of each attempt, by utterance; None if the target tells no scores. `audible`
    is what was heard in each clip, by ref; None if nobody listened.
    """

    scenario: Scenario
    contract: Contract
    verdicts: tuple[Verdict, ...]
    ledger: Ledger
    seen: Observations
    timing: Mapping[str, float]
    households: int
    broker: str
    out: Path
    integrity: Integrity | None = None
    pace: Pace | None = None
    schedule: Schedule | None = None
    residual: Residual | None = None
    waived: tuple[Waived, ...] = ()
    baseline_notes: tuple[str, ...] = ()
    made: Made | None = None
    hostile: Mapping[str, int] = {}
    whole: bool = False
    earlier: Earlier | None = None
    decisions: Mapping[str, tuple[Decision, ...]] | None = None
    audible: Mapping[str, Heard | None] | None = None

    @property
    def command(self) -> str:
        """What runs it again."""
        if self.made is not None:
            return self.made.command
        return f"earlid run {self.scenario.name} --seed {self.scenario.seed}"

    @property
    def outcome(self) -> Outcome:
        """The system's own verdict, whatever the scenario expects."""
        return combine(verdict.outcome for verdict in self.verdicts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)

    @property
    def as_expected(self) -> bool | None:
        """Whether all came out as the scenario expects; None when it expects nothing."""
        return None if self.scenario.expect is None else not self.unmet

    @property
    def unmet(self) -> tuple[str, ...]:
        """What was expected and is not so, a sentence each.

        An unknown positive control is never "as expected": a blind search proves no incident.
        """
        expect = self.scenario.expect
        return () if expect is None else tuple(_unmet(self, expect))

    @property
    def final(self) -> Outcome:
        """What the run means for the exit code: an incident that fails as expected passes."""
        if self.as_expected is None or self.scenario.expect is None:
            return self.outcome
        if self.as_expected:
            return Outcome.PASS
        hoped = self.scenario.expect.verdict == "pass"
        return Outcome.UNKNOWN if self.outcome is Outcome.UNKNOWN and hoped else Outcome.FAIL

    @property
    def headline(self) -> str:
        """The verdict as a person would say it."""
        said, expect = f"system {self.outcome.value.upper()}", self.scenario.expect
        if self.earlier is not None:
            said += f" (judged again; the run of {self.earlier.started} in {self.earlier.folder})"
        if expect is None or (self.as_expected and self.outcome is Outcome.PASS):
            return said
        if self.outcome.value != expect.verdict:
            return f"{said}, but {expect.verdict.upper()} was expected"
        return f"{said}, as expected" if self.as_expected else f"{said}, NOT as expected"


def _unmet(result: RunResult, expect: Expect) -> Iterator[str]:
    if result.outcome.value != expect.verdict:
        yield f"{result.outcome.value.upper()}, but {expect.verdict.upper()} was expected"
    found = {finding.field for finding in result.findings}
    yield from (f"no finding of {field}, which was expected" for field in expect.findings if field not in found)
    yield from (f"{field} was found, and must not be" for field in expect.absent if field in found)
    outcomes = {verdict.check: verdict.outcome.value for verdict in result.verdicts}
    for name, wanted in expect.checks.items():
        if outcomes.get(name) != wanted:
            yield f"{name} is {outcomes.get(name, 'not checked').upper()}, but {wanted.upper()} was expected"
    endings = Counter(row.disposition for row in result.ledger.rows)
    for ending, said in expect.outcomes.items():
        if not bound(said).holds(endings[ending]):
            yield f"{endings[ending]} utterances end as {ending.replace('_', ' ')}, but {bound(said)} was expected"
    run = Measured(ledger=result.ledger, seen=result.seen, residual=result.residual, verdicts=result.verdicts)
    for what, number in expect.counts.items():
        value = figure(what, run)
        if value is None or not bound(number).holds(value):
            got = "not measured" if value is None else f"{value:g}"
            yield f"{what} is {got}, but {bound(number)} was expected"
    if any(v.check == "positive_control" and v.outcome is not Outcome.PASS for v in result.verdicts):
        yield "the search missed planted leaks: it proves nothing"
