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
    """The shares are within the scenario's limits. A lost request counts as neither heard nor rejected."""
    found = figures(ledger)
    if not found.wake or not found.false_wake:
        why = "no wake requests or no false wakes were said"
        return Verdict(check="gating", outcome=Outcome.UNKNOWN, examined=0, why=why)
    lost = sum(
        row.utterance.acoustic and row.utterance.expected == "keep" and row.disposition == "lost" for row in ledger.rows
    )
    decided = found.wake - lost
    if not decided:
        why = f"all {lost} wake requests were lost: whether they would have been heard nobody knows"
        return Verdict(check="gating", outcome=Outcome.UNKNOWN, examined=0, why=why)
    within = (
        found.false_rejects / decided <= limits.max_false_reject_share
        and found.false_accepts / found.false_wake <= limits.max_false_accept_share
    )
    why = (
        of(found.false_rejects, decided, "wake requests rejected", limit=f"{limits.max_false_reject_share:.0%}")
        + ", "
        + of(
            found.false_accepts,
            found.false_wake,
            "false wakes accepted",
            limit=f"{limits.max_false_accept_share:.0%}",
        )
    )
    if lost:
        why += f"; {lost} wake requests were lost"
    outcome = Outcome.PASS if within else Outcome.FAIL
    return Verdict(check="gating", outcome=outcome, examined=decided + found.false_wake, why=why)
