"""A baseline file: findings accepted by fingerprint, each with a reason and a day it ends."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from scenarios.verdict import Finding


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
