"""One run's outcome: what the reports are written from."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gateway.contract.model import Contract
from scenarios.attacks.residual import Residual
from scenarios.checks.intact import Integrity
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.model.scenario import Scenario
from scenarios.verdict import Finding, Outcome, Verdict, combine
from simulator.links.faults import Schedule
from simulator.world.truth import Pace


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """A finding a baseline file accepts; `expires` is the last day it does (ISO)."""

    finding: Finding
    reason: str
    expires: str


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """`timing` holds seconds by phase; `pace` is that of a paced run, `schedule` what went wrong on purpose,
    `residual` what an attacker is left with; `waived` findings count for no verdict, `baseline_notes` say which of
    the baseline's entries do nothing any more."""

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

    @property
    def outcome(self) -> Outcome:
        """The system's own verdict, whatever the scenario expects."""
        return combine(verdict.outcome for verdict in self.verdicts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)

    @property
    def as_expected(self) -> bool | None:
        """Whether an incident failed the way it must; None when the scenario expects nothing.

        An unknown positive control is never "as expected": a blind search proves no incident.
        """
        expect = self.scenario.expect
        if expect is None:
            return None
        found = {finding.field for finding in self.findings}
        blind = any(v.check == "positive_control" and v.outcome is not Outcome.PASS for v in self.verdicts)
        return self.outcome.value == expect.verdict and set(expect.findings) <= found and not blind

    @property
    def final(self) -> Outcome:
        """What the run means for the exit code: an incident that fails as expected passes."""
        if self.as_expected is None:
            return self.outcome
        if self.as_expected:
            return Outcome.PASS
        return Outcome.UNKNOWN if self.outcome is Outcome.UNKNOWN else Outcome.FAIL

    @property
    def headline(self) -> str:
        """The verdict as a person would say it."""
        said = f"system {self.outcome.value.upper()}"
        if self.as_expected is None or self.outcome.value == "pass":
            return said
        return f"{said}, as expected" if self.as_expected else f"{said}, NOT as expected"
