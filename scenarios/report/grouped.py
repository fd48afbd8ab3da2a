"""Groups findings by field for the report's table. The worst come first."""

from collections.abc import Sequence

import msgspec

from scenarios.report.meaning import MEANING, attack_of
from scenarios.verdict import Finding

_ORDER = {"critical": 0, "high": 1, "medium": 2, "low": 3}


class FindingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one field, for one row of the table. `brief` is a phrase for a sentence. `linddun` are threat
    classes. `where` are its places, those that show most households first."""

    field: str
    meaning: str
    brief: str
    severity: str
    households: int
    count: int
    where: tuple[str, ...]
    places: int
    how: tuple[str, ...]
    evidence: str
    reproduce: str
    attack: str
    sentence: str
    linddun: tuple[str, ...]


def groups(findings: Sequence[Finding]) -> list[FindingGroup]:
    """One row for each field."""
    by_field: dict[str, list[Finding]] = {}
    for finding in findings:
        by_field.setdefault(finding.field, []).append(finding)
    rows = []
    for field, found in by_field.items():
        worst, attack = min(found, key=lambda f: _ORDER[f.severity]), attack_of(field)
        rows.append(
            FindingGroup(
                field=field,
                meaning=MEANING.get(field, ""),
                brief=_brief(MEANING.get(field, field)),
                severity=worst.severity,
                households=len({f.household_id for f in found}),
                count=len(found),
                where=_places(found)[:6],
                places=len({f.where.name for f in found}),
                how=tuple(dict.fromkeys(" > ".join(f.how) for f in found))[:4],
                evidence=worst.masked_evidence,
                reproduce=next((f.reproduce for f in found if f.reproduce), ""),
                attack=attack.kind,
                sentence=attack.sentence,
                linddun=attack.linddun,
            )
        )
    return sorted(rows, key=lambda row: (_ORDER[row.severity], -row.households, row.field))


def _brief(meaning: str) -> str:
    return meaning[:1].lower() + meaning[1:].rstrip(".")


def _places(found: Sequence[Finding]) -> tuple[str, ...]:
    """Where the findings are: first the place that shows most households."""
    homes: dict[str, set[str]] = {}
    for finding in found:
        homes.setdefault(finding.where.name, set()).add(finding.household_id)
    return tuple(sorted(homes, key=lambda place: -len(homes[place])))
