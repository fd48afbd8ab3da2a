"""The contract decides what must be kept: what was said, as the contract wants it to end."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from gateway.contract.model import Contract
from gateway.identities import Identities
from simulator.world.truth import Forbidden, Truth, Utterance


def as_contract_wants(
    truth: Truth,
    contract: Contract,
    identities: Identities,
    *,
    forgotten: frozenset[str] = frozenset(),
    withdrawn: Mapping[str, int] = MappingProxyType({}),
    later: Sequence[tuple[int, Contract]] = (),
) -> Truth:
    """The truth with each utterance's disposition as this contract asks for it.

    The plan knows what a request is; the contract, who may make one and how. What it admits beyond that (a device's
    bare claim, homes without consent) is what incidents do, and is not asked for. Of a household that was `forgotten`
    nothing may be left, whenever it was said. From a household's time in `withdrawn` on (epoch ms) it has not agreed.
    `later` are contracts that came into force at a time; the one in force when somebody had spoken counts.
    """
    children = {
        member.person_id for home in identities.households for member in home.members if member.age_group == "child"
    }
    wanted = tuple(
        _agreed(_wanted(said, _in_force(contract, later, said), children), withdrawn) for said in truth.utterances
    )
    wanted = tuple(_forbidden(said, "forgotten") if said.household_id in forgotten else said for said in wanted)
    if contract.gate.same_utterance == "each":
        wanted = tuple(msgspec.structs.replace(said, same_as=None) for said in wanted)
    return msgspec.structs.replace(truth, utterances=wanted)


def _in_force(contract: Contract, later: Sequence[tuple[int, Contract]], said: Utterance) -> Contract:
    ended = said.at_ms + said.duration_ms
    return next((new for since, new in sorted(later, key=lambda each: -each[0]) if since <= ended), contract)


def _agreed(said: Utterance, withdrawn: Mapping[str, int]) -> Utterance:
    """Who speaks while the household withdraws may be kept or not: that is a matter of moments."""
    since = withdrawn.get(said.household_id)
    if since is None or said.expected != "keep" or said.at_ms + said.duration_ms < since:
        return said
    if said.at_ms < since:
        return msgspec.structs.replace(said, acoustic=True)
    return _forbidden(msgspec.structs.replace(said, kind="no_consent"), "withdrawn")


def _wanted(said: Utterance, contract: Contract, children: Sequence[str] | set[str]) -> Utterance:
    if said.expected != "keep":
        return said
    gate = contract.gate
    if said.duration_ms > gate.max_clip_ms:
        return _forbidden(said, "too_long")
    if "device_claim" not in gate.admit and ("button" if said.kind == "button" else "wake_word") not in gate.admit:
        return _forbidden(said, "not_admitted")
    if gate.children == "drop":
        # Who is a child is a matter of hearing: each mistake counts in a rate, an adult's lost request too.
        by_child = bool(said.speakers) and said.speakers[0].person_id in children
        return msgspec.structs.replace(said, expected="drop" if by_child else "keep", acoustic=True)
    return said


def _forbidden(said: Utterance, rule: Forbidden) -> Utterance:
    """What no rule of hearing decides any more. The first rule that forbids it is the one that is named."""
    if said.forbidden:
        return said
    return msgspec.structs.replace(said, expected="drop", acoustic=False, forbidden_by=rule)
