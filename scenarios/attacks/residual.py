"""What an attacker can still do with everything reviewers saw: link clips, guess households, locate homes."""

import msgspec

from gateway.contract.model import Contract
from gateway.identities import Identities
from scenarios.attacks.anonymity import AnonymitySet, Placed, Seen, anonymity, placed
from scenarios.attacks.linkage import Linkage, ShownClip, linkage
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations


class Residual(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of all attacks. It holds no identity."""

    links: tuple[Linkage, ...] = ()
    sets: tuple[AnonymitySet, ...] = ()
    placed: tuple[Placed, ...] = ()


def residual(identities: Identities, ledger: Ledger, seen: Observations, contract: Contract) -> Residual:
    """Run all attacks over the clips that the review tool showed the harness, in the order of its queue."""
    rows = ledger.by_ref()
    shown = [(served, rows[ref].utterance.household_id) for ref, served in seen.served.items() if ref in rows]
    named: dict[str, set[str]] = {}
    for response in seen.responses:
        if response.clip_ref and response.findings:
            named.setdefault(response.clip_ref, set()).update(f.household_id for f in response.findings)
    clips = [
        ShownClip(
            household=household,
            position=at,
            **{name: served.facts.get(name) for name in ("device", "customer", "recorded_on", "transcript")},
        )
        for at, (served, household) in enumerate(shown)
    ]
    views = [
        Seen(household=household, facts=served.facts, named=frozenset(named.get(served.ref, ())))
        for served, household in shown
    ]
    streets = {f.household_id for r in seen.responses for f in r.findings if f.field == "home.street"}
    raw = [name for name in ("device", "customer") if getattr(contract.redact, name) == "keep"]
    return Residual(
        links=linkage(clips),
        sets=anonymity(views, identities, raw=raw),
        placed=placed(views, identities, street=streets),
    )
