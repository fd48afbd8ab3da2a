"""Makes up the households of a fleet: people, places, numbers and devices. The same seed gives the same homes."""

from collections.abc import Sequence

import numpy as np
from faker import Faker

from gateway.identities import AgeGroup, Contact, Device, Household, Identities, Member
from simulator.world.invented import Name, Taken, draw_email, draw_name, draw_phone, draw_place, draw_secrets, token
from simulator.world.towns import Town, find_town, towns

_ASHLANDS = ("Ashland, OR", "Ashland, MI")


def make_identities(*, seed: int, households: int, live_in: Sequence[str | None] = ()) -> Identities:
    """A fleet's homes H01, H02, ... with their secrets.

    Each home has its own random stream and avoids values of earlier homes. Adding homes changes no earlier one. Names,
    numbers and ids are unique in the fleet, so that a finding names one household. The first two homes are in the two
    Ashlands, in Oregon and in Michigan, and the others anywhere. With `live_in` ("Ashland, OR", ...) homes take those
    towns in turn; None means anywhere. One home in ten (H08, H18, ...) has not consented to review.

    Raises:
        BadFile: no such town.
    """
    taken, wanted = Taken(), [find_town(name) if name else None for name in live_in]
    taken.towns |= {word for town in wanted if town for word in _parts(town.name)}
    places = [wanted[at % len(wanted)] if wanted else None for at in range(households)]
    return Identities(households=tuple(_household(seed, at, town, taken) for at, town in enumerate(places)))


def _household(seed: int, index: int, wanted: Town | None, taken: Taken) -> Household:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    faker = Faker("en_US", use_weighting=False)
    faker.seed_instance(int(rng.integers(2**63)))
    town = _town(index, wanted, rng, taken)
    label = f"H{index + 1:02d}"
    family = draw_name(faker, taken).family
    members = _members(label, family, town, faker, rng, taken)
    contacts = tuple(_contact(town, faker, rng, taken) for _ in range(int(rng.integers(3, 7))))
    works = sum(member.age_group == "adult" for member in members)
    return Household(
        household_id=label,
        customer_id=taken.fresh(lambda: "A" + token(rng, 13)),
        consent=index % 10 != 7,
        devices=tuple(_device(rng, taken) for _ in range(1 if rng.random() < 0.7 else 2)),
        home=draw_place(town, faker, rng, taken),
        work=tuple(draw_place(town, faker, rng, taken) for _ in range(min(works, 2))),
        members=members,
        contacts=contacts,
        secrets=draw_secrets(faker, rng, taken),
    )


def _town(index: int, wanted: Town | None, rng: np.random.Generator, taken: Taken) -> Town:
    """The wanted town. Without one: first the two Ashlands, then any town that has nobody's name."""
    name = dict(enumerate(_ASHLANDS)).get(index)
    if wanted is not None:
        town = wanted
    elif name is not None:
        town = find_town(name)
    else:
        while True:
            town = towns()[int(rng.integers(len(towns())))]
            if not _parts(town.name) & taken.names:
                break
    taken.towns |= _parts(town.name)
    return town


def _parts(town: str) -> set[str]:
    return set(town.replace("-", " ").split())


def _members(
    label: str, family: str, town: Town, faker: Faker, rng: np.random.Generator, taken: Taken
) -> tuple[Member, ...]:
    ages: list[AgeGroup] = ["elderly" if rng.random() < 0.2 else "adult"]
    for _ in range(int(rng.integers(4))):
        ages.append(("child", "adult", "elderly")[int(rng.choice(3, p=(0.45, 0.45, 0.1)))])
    found = []
    for number, age in enumerate(ages, start=1):
        name = Name(draw_name(faker, taken).given, family)
        reachable = age != "child"
        found.append(
            Member(
                person_id=f"{label}-P{number}",
                name=name.full,
                given_name=name.given,
                family_name=name.family,
                age_group=age,
                phones=(draw_phone(town, rng, taken),) if reachable else (),
                emails=(draw_email(name, rng, taken),) if reachable else (),
            )
        )
    return tuple(found)


def _contact(town: Town, faker: Faker, rng: np.random.Generator, taken: Taken) -> Contact:
    name = draw_name(faker, taken)
    emails = (draw_email(name, rng, taken),) if rng.random() < 0.7 else ()
    return Contact(name=name.full, phones=(draw_phone(town, rng, taken),), emails=emails)


def _device(rng: np.random.Generator, taken: Taken) -> Device:
    return Device(
        site_id=taken.fresh(lambda: token(rng, 16).lower()), serial=taken.fresh(lambda: "G09" + token(rng, 13))
    )
