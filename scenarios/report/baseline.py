"""Reads a baseline file: accepted findings, each with a fingerprint, a reason and an end date.

There are two kinds of fingerprint. One is made under a key that the user keeps. It covers check, place, field, chain,
household and value, so it accepts exactly what was seen. The other is made without a key. It covers place, field and
chain, for as many findings as were seen there.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from scenarios.report.finding_row import Waived
from scenarios.verdict import Finding, Outcome, Verdict

if TYPE_CHECKING:  # a scan needs no run, and none of what a run is made of
    from scenarios.report.result import RunResult


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Accepted(_Model):
    """`expires` is the last day on which the finding is accepted. `findings` belongs to an entry without a key: it is
    the number of findings of that place, field and chain. If there is one more, none is accepted."""

    fingerprint: str = Field(pattern=r"^[0-9a-f]{16}$|^[0-9a-f]{32}$")
    findings: int | None = Field(default=None, ge=1)
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


def exact(finding: Finding, key: bytes) -> str:
    """32 hex digits over all of a finding, its value included. None of it can be told without the key."""
    parts = [finding.check, finding.where.kind, finding.where.name, finding.field, *finding.how]
    parts += [finding.household_id, finding.mark]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16, key=key).hexdigest()


def prints_of(findings: Sequence[Finding], baseline: Baseline, key: bytes | None) -> dict[int, str]:
    """For each finding, by its place in the list, the entry's fingerprint that covers it. End dates do not matter here.

    An entry without a key covers no more findings than it counts.
    """
    entries = {entry.fingerprint: entry for entry in baseline.accepted}
    seen = Counter(finding.fingerprint for finding in findings)
    covered = {}
    for at, finding in enumerate(findings):
        keyed = exact(finding, key) if key else ""
        plain = entries.get(finding.fingerprint)
        if keyed in entries:
            covered[at] = keyed
        elif plain is not None and seen[plain.fingerprint] <= (plain.findings or 1):
            covered[at] = plain.fingerprint
    return covered


def covers(baseline: Baseline, key: bytes | None) -> tuple[str, ...]:
    """Notes for a person: which entries cover no values, and which need a key that is not given."""
    plain = sum(len(entry.fingerprint) == 16 for entry in baseline.accepted)
    keyed = len(baseline.accepted) - plain
    told = []
    if plain:
        told.append(f"{plain} entries were made without a key: they cover place, field and chain, not who or what")
    if keyed and key is None:
        told.append(f"{keyed} entries were made under a key and cover nothing without it (--key FILE)")
    return tuple(told)


def split_exactly(
    findings: Sequence[Finding], baseline: Baseline, *, today: date, key: bytes | None
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, str], ...], tuple[str, ...]]:
    """(new findings, accepted ones with the reason, notes). An entry accepts what it covers until its last day ends."""
    entries = {entry.fingerprint: entry for entry in baseline.accepted}
    covered = prints_of(findings, baseline, key)
    new, accepted = [], []
    for at, finding in enumerate(findings):
        entry = entries.get(covered.get(at, ""))
        if entry is None or entry.expires < today:
            new.append(finding)
        else:
            accepted.append((finding, entry.reason))
    notes = [*covers(baseline, key)]
    for entry in baseline.accepted:
        if entry.expires < today:
            notes.append(f"{entry.fingerprint}: accepted until {entry.expires}, which is over")
        if entry.fingerprint not in covered.values():
            more = sum(finding.fingerprint == entry.fingerprint for finding in findings)
            told = f"{more} findings there, it accepts {entry.findings or 1}" if more else "not found any more"
            notes.append(f"{entry.fingerprint}: {told}")
    return tuple(new), tuple(accepted), tuple(notes)


def split(
    findings: Sequence[Finding], baseline: Baseline, *, today: date
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[str, ...]]:
    """(new findings, accepted ones, notes). An expired entry accepts nothing. It is noted, and so is an entry that no
    finding has any more."""
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


def accept(result: "RunResult", baseline: Baseline, *, today: date) -> "RunResult":
    """The result with the baseline's findings waived. A check that failed for these findings alone passes, and says so.

    A scenario that is expected to fail is left as it is, because a baseline may not accept what must be found.
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
