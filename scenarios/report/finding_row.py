"""A finding as data, for reports and for `earlid scan`. Needs nothing of the simulator."""

import msgspec

from scenarios.verdict import Finding, Where


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as data, its fingerprint beside it; never the value."""

    check: str
    severity: str
    where: Where
    household_id: str
    person_id: str | None
    field: str
    how: tuple[str, ...]
    masked_evidence: str
    fingerprint: str
    reproduce: str
    mark: str = ""


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """A finding a baseline file accepts; `expires` is the last day it does (ISO)."""

    finding: Finding
    reason: str
    expires: str


def finding_row(finding: Finding) -> FindingRow:
    shown = msgspec.structs.asdict(finding)
    del shown["mark"]  # another one in every run
    return FindingRow(**shown, fingerprint=finding.fingerprint)
