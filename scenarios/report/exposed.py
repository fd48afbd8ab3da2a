"""Who saw what; what a contract claims beside what was measured; how much of a reviewer's day goes to noise."""

import msgspec

from scenarios.ledger import Row
from scenarios.result import RunResult
from scenarios.verdict import Outcome


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """One field for one role: `routes` on which it stood, `responses` that showed it, `homes` it was shown of."""

    field: str
    role: str
    routes: int
    responses: int
    homes: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome` is pass, fail or unknown."""

    says: str
    measured: str
    outcome: str


_CHECKED = (
    ("nothing a reviewer is shown identifies a household", "leaks"),
    ("what is not shown cannot be heard either", "spoken_secrets"),
    ("what is stored holds no identity", "at_rest"),
    ("a muted microphone, a home without consent and an unknown device leave nothing", "should_not_exist"),
    ("audio is kept only when it was asked for", "gating"),
)


def exposed(result: RunResult) -> list[Exposed]:
    """Rows by field and role, the most seen first."""
    routes: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    homes: dict[tuple[str, str], set[str]] = {}
    for response in result.seen.responses:
        for field in {finding.field for finding in response.findings}:
            key = field, response.role
            routes.setdefault(key, set()).add(response.template)
            counts[key] = counts.get(key, 0) + 1
        for finding in response.findings:
            homes.setdefault((finding.field, response.role), set()).add(finding.household_id)
    rows = [
        Exposed(field=field, role=role, routes=len(routes[field, role]), responses=count, homes=len(homes[field, role]))
        for (field, role), count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.responses, row.field, row.role))


def claims(result: RunResult) -> list[Claim]:
    """Each sentence a contract stands for, beside the verdict that settles it (S9)."""
    verdicts = {verdict.check: verdict for verdict in result.verdicts}
    rows = []
    for says, check in _CHECKED:
        verdict = verdicts.get(check)
        measured = verdict.why if verdict else "not checked in this scenario"
        rows.append(
            Claim(says=says, measured=measured, outcome=(verdict.outcome if verdict else Outcome.UNKNOWN).value)
        )
    return rows


def workload(result: RunResult) -> str:
    """How many clips a reviewer opens that nobody meant to record (S17: up to a hundred such clips a day each)."""
    kept = [row for row in result.ledger.rows if row.refs]
    unmeant = sum(_unmeant(row) for row in kept)
    if not kept:
        return "No clip reached a reviewer."
    share = unmeant / len(kept)
    return (
        f"{unmeant} of {len(kept)} clips that reached reviewers hold no request ({share:.1%}): of 1,000 clips in a "
        f"nine-hour shift {round(share * 1_000)} would be television, noise or talk that was not meant for the device."
    )


def _unmeant(row: Row) -> bool:
    return row.utterance.kind in ("false_wake", "noise", "muted", "no_consent")
