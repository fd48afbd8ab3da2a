"""The appendix for a data protection officer: each finding under the headings of LINDDUN and of the law."""

from collections.abc import Sequence

import msgspec

from scenarios.report.grouped import FindingGroup

# GDPR (Regulation (EU) 2016/679) and section 5 of the FTC Act, as headings: no legal advice.
_LAW = {
    "singling-out": (
        "GDPR Art. 5(1)(c) data minimisation, Art. 25 data protection by design",
        "unfairness: disclosure beyond the stated use",
    ),
    "linking": (
        "GDPR Art. 4(5) pseudonymisation, Art. 5(1)(e) storage limitation",
        "deception: a claim that data are not linked to a person",
    ),
    "inference": (
        "GDPR Art. 5(1)(f) confidentiality, Art. 9 special categories where they are told, Art. 14 third persons",
        "unfairness: sensitive details of people who never agreed",
    ),
}
_REMEDY = {
    "singling-out": "Drop the field or show it coarser: `redact` of the contract; keep what the task needs.",
    "linking": "A pseudonym with a scope and a lifetime in place of the id: `redact.device`, `redact.customer`.",
    "inference": "Mask it in words and in sound: `redact.transcript.mask`, `redact.audio`; keep less: `gate`.",
}


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of the assessment. Owner and date are left for the officer."""

    field: str
    risk: str
    linddun: str
    law: str
    ftc: str
    remedy: str


def duties(groups: Sequence[FindingGroup]) -> list[Duty]:
    """One row for each field. The worst come first."""
    return [
        Duty(
            field=group.field,
            risk=f"{group.severity}: {group.meaning or group.field} It {group.sentence}; {group.households} homes.",
            linddun=", ".join(group.linddun),
            law=_LAW[group.attack][0],
            ftc=_LAW[group.attack][1],
            remedy=_REMEDY[group.attack],
        )
        for group in groups
    ]
