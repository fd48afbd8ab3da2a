"""A baseline file: findings accepted by fingerprint, each with a reason and a day it ends."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from scenarios.report.result import RunResult, Waived
from scenarios.verdict import Finding, Outcome, Verdict


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Accepted(_Model):
    """`expires` is the last day on which the finding is accepted."""

    fingerprint: str = Field(pattern=r"^[0-9a-f]{16}$")
    reason: str = Field(min_length=10)
    expires: date


class Baseline(_Model):
    version: Literal[1] = Field(alias="baseline")
    accepted: tuple[Accepted, ...] = ()

    @pydantic.model_validator(mode="after")
    def _each_once(self) -> "Baseline":
        prints = [entry.fingerprint for entry in self.accepted]
        if len(set(prints)) < len(prints):
            raise ValueError("accepted: the same fingerprint stands twice")
        return self


def load_baseline(path: Path) -> Baseline:
    """Raises BadFile: not there, an unknown key, a wrong value, no reason."""
    data = read_yaml(path)
    try:
        return Baseline.model_validate(data)
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Baseline)) from None


def split(
    findings: Sequence[Finding], baseline: Baseline, *, today: date
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[str, ...]]:
    """(new findings, accepted ones, notes): an entry that has expired accepts nothing and is noted, as is one that
    no finding has any more."""
    alive = {entry.fingerprint for entry in baseline.accepted if entry.expires >= today}
    new = tuple(finding for finding in findings if finding.fingerprint not in alive)
    accepted = tuple(finding for finding in findings if finding.fingerprint in alive)
    seen = {finding.fingerprint for finding in findings}
    notes = [
        f"{entry.fingerprint}: accepted until {entry.expires}, which is over"
        for entry in baseline.accepted
        if entry.fingerprint not in alive
    ]
    notes += [
        f"{entry.fingerprint}: not found any more" for entry in baseline.accepted if entry.fingerprint not in seen
    ]
    return new, accepted, tuple(notes)


def accept(result: RunResult, baseline: Baseline, *, today: date) -> RunResult:
    """The result with the baseline's findings waived: a check that failed for them alone passes, and says so.

    A scenario that is expected to fail stays as it is: what must be found may not be accepted away.
    """
    if result.scenario.expect is not None and result.scenario.expect.verdict == "fail":
        return result
    _, accepted, notes = split(result.findings, baseline, today=today)
    entries = {entry.fingerprint: entry for entry in baseline.accepted}
    waived = tuple(
        Waived(
            finding=finding,
            reason=entries[finding.fingerprint].reason,
            expires=entries[finding.fingerprint].expires.isoformat(),
        )
        for finding in accepted
    )
    prints = frozenset(finding.fingerprint for finding in accepted)
    verdicts = tuple(_without(verdict, prints) for verdict in result.verdicts)
    return msgspec.structs.replace(result, verdicts=verdicts, waived=waived, baseline_notes=notes)


def _without(verdict: Verdict, prints: frozenset[str]) -> Verdict:
    left = tuple(finding for finding in verdict.findings if finding.fingerprint not in prints)
    gone = len(verdict.findings) - len(left)
    if not gone:
        return verdict
    outcome = Outcome.PASS if verdict.outcome is Outcome.FAIL and not left else verdict.outcome
    why = f"{verdict.why}; {gone} findings accepted by the baseline"
    return msgspec.structs.replace(verdict, outcome=outcome, why=why, findings=left)
