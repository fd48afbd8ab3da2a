"""Outcomes and findings: what checks and the leak detector hand to the report."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

import msgspec

Severity = Literal["low", "medium", "high", "critical"]


class Outcome(StrEnum):
    """Unknown is never a pass: a check that crashed, examined nothing or lacks what it requires."""

    PASS = "pass"  # noqa: S105 (an outcome, no password)
    FAIL = "fail"
    UNKNOWN = "unknown"


EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 3}


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was found: `kind` such as response_body, response_header, file; `name` such as
    "reviewer GET /clips/{ref}"; `offset` in bytes of the raw thing, when one makes sense."""

    kind: str
    name: str
    offset: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One identity seen where it may not be. Never holds the value itself.

    `field` is a dotted path of identities.json; `how` the decoding steps and the matcher, outermost first. `mark` is
    a keyed hash over household and value: it tells values apart, and says nothing without the key.
    """

    check: str
    severity: Severity
    where: Where
    household_id: str
    person_id: str | None = None
    field: str
    how: tuple[str, ...]
    masked_evidence: str
    reproduce: str = ""
    mark: str = ""

    @property
    def fingerprint(self) -> str:
        """Stable over seeds and free of values: check, where, field and decoding chain."""
        parts = [self.check, self.where.kind, self.where.name, self.field, *self.how]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one check says. `examined` counts what it looked at; `why` is one sentence for a person."""

    check: str
    outcome: Outcome
    examined: int
    why: str
    findings: tuple[Finding, ...] = ()


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """Fail dominates, then unknown; nothing at all is unknown."""
    seen = set(outcomes)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
        if outcome in seen:
            return outcome
    return Outcome.UNKNOWN
