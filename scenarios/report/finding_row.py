"""A finding as data, for reports and for `earlid scan`. It imports nothing of the simulator."""

import msgspec

from scenarios.verdict import Finding, Where


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as data, with its fingerprint and without its value."""

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
    """A finding that a baseline file accepts. `expires` is the last day (ISO)."""

    finding: Finding
    reason: str
    expires: str


def finding_row(finding: Finding) -> FindingRow:
    shown = msgspec.structs.asdict(finding)
    del shown["mark"]  # another one in every run
    return FindingRow(**shown, fingerprint=finding.fingerprint)
