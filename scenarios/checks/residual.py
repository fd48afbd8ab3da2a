"""Compares what an attacker can still do with the contract's promise: linking clips, and anonymity sets."""

from gateway.contract.model import Contract
from scenarios.attacks.linkage import Linkage
from scenarios.attacks.residual import Residual
from scenarios.verdict import Outcome, Verdict

_SURE = 0.001  # how rarely chance may look like a link: a run makes several such tests
_NOT_PROMISED = ("words",)


def linkage(residual: Residual | None, contract: Contract) -> Verdict:
    """Ids join clips only as far as the contract's pseudonyms reach. Times and order do not join clips at all.

    The words of a clip are for reviewers to read. How well they link is stated, but not judged.
    """
    links = [link for link in residual.links if link.auc is not None] if residual else []
    judged = [link for link in links if link.by not in _NOT_PROMISED and not _allowed(link, contract)]
    broken = [link for link in judged if link.chance is not None and link.chance <= _SURE and (link.auc or 0) > 0.5]
    said = ", ".join(f"{link.by} {link.auc:.2f} ({link.low:.2f} to {link.high:.2f})" for link in links)
    if not judged:
        why = "no two clips of one household were shown" if not links else _nothing_to_judge(contract, said)
        return Verdict(check="linkage", outcome=Outcome.UNKNOWN, examined=0, why=why)
    names = " and ".join(link.by for link in broken)
    outcome = Outcome.FAIL if broken else Outcome.PASS
    why = f"clips of one household are joined by {names}: " if broken else ""
    why += f"AUC by {said}; 0.5 is guessing"
    if _ids_reach(contract):
        why += f"; ids may join clips: {_ids_reach(contract)}"
    return Verdict(check="linkage", outcome=outcome, examined=links[0].clips, why=why)


def _nothing_to_judge(contract: Contract, said: str) -> str:
    reach = _ids_reach(contract)
    ids = f"the contract lets ids join clips ({reach}), " if reach else ""
    return f"nothing here is promised: {ids}words are for reviewers to read, and nothing else was seen; AUC by {said}"


def anonymity(residual: Residual | None, contract: Contract) -> Verdict:
    """The shown fields leave more than one household, or a place with the promised number of people."""
    sets = residual.sets if residual else ()
    groups = sum(row.groups for row in sets)
    if not groups:
        return Verdict(check="anonymity", outcome=Outcome.UNKNOWN, examined=0, why="no clip was shown")
    least = contract.redact.location.min_anonymity if contract.redact.location.show == "locality" else 1
    alone = sum(row.groups for row in sets if row.households_least == 1 and set(row.shown) - {"place", "nothing"})
    towns = [row.people_least for row in sets if "place" in row.shown and row.people_least is not None]
    if alone:
        why = f"{alone} of {groups} groups of linked clips show more than a place and leave one household"
        return Verdict(check="anonymity", outcome=Outcome.FAIL, examined=groups, why=why)
    if towns and min(towns) < least:
        why = f"a place was shown that {min(towns):,} people share; {least:,} are promised"
        return Verdict(check="anonymity", outcome=Outcome.FAIL, examined=groups, why=why)
    fewest = f"the smallest place shown has {min(towns):,} people" if towns else "no place was shown"
    why = f"{groups} groups of linked clips: {fewest}, nothing else narrows the households down"
    return Verdict(check="anonymity", outcome=Outcome.PASS, examined=groups, why=why)


def _allowed(link: Linkage, contract: Contract) -> bool:
    return link.by == "ids" and _ids_reach(contract) is not None


def _ids_reach(contract: Contract) -> str | None:
    """How far the contract lets pseudonyms join clips. None if they may not, or if there are none."""
    redact = contract.redact
    operators = {redact.device, redact.customer}
    if "keep" not in operators and "pseudonym" in operators and redact.pseudonyms.scope in ("device", "household"):
        days = redact.pseudonyms.rotate_days
        return f"pseudonyms of a {redact.pseudonyms.scope}" + (f", new every {days} days" if days else "")
    return None
