"""Checks that pseudonyms and clips are deleted on the contract's days, and not before."""

from gateway.contract.model import Contract
from scenarios.checks.share import of
from scenarios.model.observations import Observations
from scenarios.verdict import Outcome, Verdict


def retention(seen: Observations, contract: Contract) -> Verdict:
    """Judge copies of the store, which the gateway swept as of later days."""
    lifetime, kept = contract.redact.pseudonyms.lifetime_days, contract.review.retention_days
    clips = next((look.clips for look in seen.aged if look.days == 0), 0)
    if (lifetime is None and kept is None) or not clips:
        why = "the contract promises no end" if clips else "no clip was there to grow old"
        return Verdict(check="retention", outcome=Outcome.UNKNOWN, examined=0, why=why)
    said, broken = [], False
    for look in seen.aged:
        if kept is not None and look.days > kept:
            said.append(f"day {look.days}: {of(look.clips, clips, 'clips left')}, none may be")
            broken |= look.clips > 0
        elif kept is not None and look.clips < clips:
            said.append(f"day {look.days}: {clips - look.clips} of {clips} clips gone, {kept} days are promised")
            broken = True
        if lifetime is not None and look.days > lifetime:
            still = max(look.linked, look.owned)
            said.append(f"day {look.days}: {of(still, clips, 'clips still linked')}, none may be")
            broken |= still > 0
    outcome = Outcome.FAIL if broken else Outcome.PASS
    return Verdict(check="retention", outcome=outcome, examined=clips, why="; ".join(said))
