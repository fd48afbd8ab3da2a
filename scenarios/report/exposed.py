"""Who saw what, what a contract claims and what was measured, and how much of a reviewer's day is noise."""

from collections.abc import Collection, Sequence

import msgspec

from scenarios.checks.share import of
from scenarios.model.ledger import Row
from scenarios.model.observations import Response
from scenarios.report.checked import ran, verdict_of
from scenarios.report.result import RunResult
from scenarios.verdict import Outcome


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """One field for one role.

    `routes` counts the routes that showed it. `could` and `did` count the people of the role who could open them and
    who did (null: a load test that does not say who). `responses` counts the responses, `homes` the homes.
    """

    field: str
    role: str
    routes: int
    could: int | None
    did: int | None
    responses: int
    homes: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome` is holds, broken or not tested."""

    says: str
    measured: str
    outcome: str


_CHECKED = (
    ("nothing a reviewer is shown identifies a household", "leaks"),
    ("what is not shown cannot be heard either", "spoken_secrets"),
    ("what is stored holds no identity", "at_rest"),
    ("a place that is shown hides as many people as the contract promises", "anonymity"),
    ("clips of one household are joined by nothing but the contract's own pseudonyms", "linkage"),
    ("audio is kept only when it was asked for", "gating"),
)
_HELD = {Outcome.PASS: "holds", Outcome.FAIL: "broken", Outcome.UNKNOWN: "not tested"}


def exposed(result: RunResult) -> list[Exposed]:
    """Rows by field and role. The most seen come first. Every account of a role may open every clip under review."""
    people: dict[str, set[str]] = {}
    for response in result.seen.responses:
        people.setdefault(response.role, set()).update({response.person} - {None})  # type: ignore[arg-type]
    seen: dict[tuple[str, str], list[Response]] = {}
    for response in result.seen.responses:
        for field in {finding.field for finding in response.findings}:
            seen.setdefault((field, response.role), []).append(response)
    rows = [_exposed(field, role, shown, people[role], result) for (field, role), shown in seen.items()]
    return sorted(rows, key=lambda row: (-row.responses, row.field, row.role))


def _exposed(field: str, role: str, shown: Sequence[Response], people: Collection[str], result: RunResult) -> Exposed:
    known = bool(people)
    hired = result.scenario.load.reviewers if role == "reviewer" else len(people)
    return Exposed(
        field=field,
        role=role,
        routes=len({response.template for response in shown}),
        could=max(hired, len(people)) if known else None,
        did=len({response.person for response in shown if response.person}) if known else None,
        responses=len(shown),
        homes=len({f.household_id for response in shown for f in response.findings if f.field == field}),
    )


def claims(result: RunResult) -> list[Claim]:
    """Each claim of a contract with the verdict that settles it (S9)."""
    rows = [_settled(says, result, check) for says, check in _CHECKED]
    rows.append(_nothing_of(result, "a muted microphone leaves nothing", "muted"))
    rows.append(_nothing_of(result, "a home without consent leaves nothing", "no_consent"))
    rows.append(_unknown_device(result))
    return rows


def _settled(says: str, result: RunResult, check: str) -> Claim:
    verdict = next((each for each in result.verdicts if each.check == check), None)
    if verdict is None:
        return Claim(says=says, measured="not checked in this scenario", outcome="not tested")
    return Claim(says=says, measured=verdict.why, outcome=_HELD[verdict.outcome])


def _nothing_of(result: RunResult, says: str, kind: str) -> Claim:
    """A claim about one kind of utterance. It needs at least one such utterance."""
    rows = [row for row in result.ledger.rows if row.utterance.kind == kind]
    if not ran(result, "should_not_exist"):
        return Claim(says=says, measured="not checked in this scenario", outcome="not tested")
    if not rows:
        return Claim(says=says, measured="nothing of the kind was said in this run", outcome="not tested")
    stored = sum(bool(row.refs) for row in rows)
    verdict = verdict_of(result, "should_not_exist")
    if not stored and verdict is not None and verdict.outcome is Outcome.UNKNOWN:
        return Claim(says=says, measured=verdict.why, outcome="not tested")
    return Claim(
        says=says, measured=of(stored, len(rows), "such utterances stored"), outcome="broken" if stored else "holds"
    )


def _unknown_device(result: RunResult) -> Claim:
    """Hostile messages come from unknown sites. A clip that joins no utterance comes from them, or from nobody."""
    says = "an unknown device leaves nothing"
    if not result.hostile:
        return Claim(says=says, measured="no unknown device was simulated in this run", outcome="not tested")
    if not ran(result, "should_not_exist"):
        return Claim(says=says, measured="not checked in this scenario", outcome="not tested")
    stored = result.ledger.unexplained
    measured = f"{sum(result.hostile.values())} messages of {len(result.hostile)} kinds sent, {stored} clips stored"
    return Claim(says=says, measured=measured, outcome="broken" if stored else "holds")


def workload(result: RunResult) -> str:
    """How many clips a reviewer opens that were recorded by mistake (S17: up to a hundred a day each)."""
    if not ran(result, "gating"):
        return "How much of what reviewers hear was meant for the device was not checked."
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
