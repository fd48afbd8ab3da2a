"""Adapts homes to a cohort's wishes: consent, number of devices, and who lives there."""

import msgspec
import numpy as np

from gateway.identities import AgeGroup, Device, Household, Identities, Member
from simulator.world.invented import Taken, token

_COHORT = 13  # substream of the seed


class HomeWish(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's wishes. None leaves a value as it was drawn.

    `consent` is the share of consenting homes. `children` and `elderly` are shares of a home's people except the first,
    who is an adult. `devices` is the number of devices of each home.
    """

    consent: float | None = None
    devices: int | None = None
    children: float | None = None
    elderly: float | None = None


def adapted(identities: Identities, wish: HomeWish, homes: range, *, seed: int) -> Identities:
    """Identities in which the homes at the positions `homes` are as wished. Other homes do not change."""
    found = list(identities.households)
    for number, at in enumerate(homes):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_COHORT, at)))
        found[at] = _home(found[at], wish, number, rng)
    return identities.model_copy(update={"households": tuple(found)})


def _home(home: Household, wish: HomeWish, number: int, rng: np.random.Generator) -> Household:
    changed: dict[str, object] = {}
    if wish.consent is not None:  # evenly spread: of four homes at 0.75, the fourth has not
        refused = 1 - wish.consent
        changed["consent"] = int((number + 1) * refused + 1e-9) == int(number * refused + 1e-9)
    if wish.devices is not None:
        more = [_device(rng) for _ in range(wish.devices - len(home.devices))]
        changed["devices"] = (*home.devices[: wish.devices], *more)
    if wish.children is not None or wish.elderly is not None:
        changed["members"] = tuple(_member(m, wish, at, rng) for at, m in enumerate(home.members))
    return home.model_copy(update=changed)


def _device(rng: np.random.Generator) -> Device:
    taken = Taken()
    return Device(
        site_id=taken.fresh(lambda: token(rng, 16).lower()), serial=taken.fresh(lambda: "G09" + token(rng, 13))
    )


def _member(member: Member, wish: HomeWish, at: int, rng: np.random.Generator) -> Member:
    drawn, children, elderly = float(rng.random()), wish.children or 0.0, wish.elderly or 0.0
    age: AgeGroup = "adult"
    if at and drawn < children:
        age = "child"
    elif drawn >= 1 - elderly:
        age = "elderly"
    reachable = {} if age != "child" else {"phones": (), "emails": ()}
    return member.model_copy(update={"age_group": age, **reachable})
