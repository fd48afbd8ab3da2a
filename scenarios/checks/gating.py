"""Judges mistakes of hearing as rates: rejected wake requests, accepted false wakes."""

import msgspec

from scenarios.checks.share import of
from scenarios.model.ledger import Ledger
from scenarios.model.scenario import Gating
from scenarios.verdict import Outcome, Verdict


class GatingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of utterances that the gate must hear: `wake` must be kept, `false_wake` must be dropped.

    A stored false wake counts as accepted once, however often it is stored and whatever its device was told.
    `false_accepts_per_hour` is per hour of false wakes, and null without any.
    """

    wake: int
    false_wake: int
    false_rejects: int
    false_accepts: int
    false_accepts_per_hour: float | None


def figures(ledger: Ledger) -> GatingFigures:
    heard = [row for row in ledger.rows if row.utterance.acoustic]
    wake = [row for row in heard if row.utterance.expected == "keep"]
    false_wake = [row for row in heard if row.utterance.expected == "drop"]
    accepts = sum(bool(row.refs) for row in false_wake)
    hours = sum(row.utterance.duration_ms for row in false_wake) / 3_600_000
    return GatingFigures(
        wake=len(wake),
        false_wake=len(false_wake),
        false_rejects=sum(row.disposition == "false_reject" for row in wake),
        false_accepts=accepts,
        false_accepts_per_hour=round(accepts / hours, 1) if hours else None,
    )


def gating(ledger: Ledger, limits: Gating) -> Verdict:
    """The shares are within the scenario's limits. A lost request counts as neither heard nor rejected.

    A share over its limit fails, whatever else was said. Both must have been tried for a pass.
    """
    found = figures(ledger)
    lost = sum(
        row.utterance.acoustic and row.utterance.expected == "keep" and row.disposition == "lost" for row in ledger.rows
    )
    decided = found.wake - lost
    told = [
        _share(found.false_rejects, decided, "wake requests rejected", limits.max_false_reject_share),
        _share(found.false_accepts, found.false_wake, "false wakes accepted", limits.max_false_accept_share),
    ]
    why = ", ".join(said for said, _ in told if said)
    missing = [] if found.wake else ["no wake requests were said"]
    if found.wake and not decided:
        missing.append(f"all {lost} wake requests were lost: whether they would have been heard nobody knows")
    elif lost:
        why += f"; {lost} wake requests were lost"
    missing += [] if found.false_wake else ["no false wakes were said"]
    outcome = Outcome.UNKNOWN if missing else Outcome.PASS
    if any(over for _, over in told):
        outcome = Outcome.FAIL
    why = "; ".join(each for each in (why, *missing) if each)
    examined = 0 if outcome is Outcome.UNKNOWN else decided + found.false_wake
    return Verdict(check="gating", outcome=outcome, examined=examined, why=why)


def _share(count: int, total: int, what: str, limit: float) -> tuple[str, bool]:
    """The sentence about a share, and whether it is over its limit. Nothing is said of nothing."""
    if not total:
        return "", False
    return of(count, total, what, limit=f"{limit:.0%}"), count / total > limit
