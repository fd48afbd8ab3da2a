"""Draws made-up names, numbers and addresses that are unique in a fleet."""

import functools
import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from faker import Faker
from stdnum import luhn

from gateway.files import BadFile
from gateway.identities import Place, Secret
from simulator.world.towns import KM_PER_DEGREE, Town, distance_km, own_data

_TOWN_RADIUS_KM = 1.4
_APART_KM = 0.1
_SPOTS_TRIED = 200  # before looking further out
_ALNUM = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # as on printed labels: no I, no O
_TEST_CARDS = ("400000", "424242", "510510", "555555")  # ranges of card networks' published test numbers
_STREET_TYPES = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Trail", "Way")
_STRANGERS = (400, 8)  # names tried before one may share a part with somebody else: at first, and once they run out
_NAMES_TRIED = 40_000

Spot = tuple[float, float]  # degrees north and east


class Name(NamedTuple):
    given: str
    family: str

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}"


class Taken:
    """The names, numbers and places that are already used in a fleet."""

    def __init__(self) -> None:
        self.names: set[str] = set()  # given, family, street and full names, e-mails, numbers, ids
        self.towns: set[str] = set()  # words of their names, which nobody may be called
        self.patience, self._least = _STRANGERS
        self._spots: dict[tuple[int, int], list[Spot]] = {}  # homes by hundredths of a degree

    def fresh(self, draw: Callable[[], str]) -> str:
        """Draw until a value is new, and mark it as used."""
        while (value := draw()) in self.names:
            pass
        self.names.add(value)
        return value

    def sharing(self) -> None:
        """Note that somebody had to share a part of a name. The search for the next name may then be shorter."""
        self.patience = max(self._least, self.patience // 2)

    def place(self, spot: Spot) -> bool:
        """Take a spot, unless another home is so near that a map cannot tell the two apart."""
        row, column = math.floor(spot[0] * 100), math.floor(spot[1] * 100)
        around = [(row + north, column + east) for north in (-1, 0, 1) for east in (-1, 0, 1)]
        if any(distance_km(spot, other) <= _APART_KM for cell in around for other in self._spots.get(cell, ())):
            return False
        self._spots.setdefault((row, column), []).append(spot)
        return True


def draw_name(faker: Faker, taken: Taken, fits: Callable[[Name], bool] = lambda _name: True) -> Name:
    """A given and a family name that are new in the fleet. In a big fleet only the pair is new.

    Raises:
        BadFile: every name that is likely enough is somebody's.
    """
    given_no, family_no = _avoided()
    for attempt in range(_NAMES_TRIED):
        name = Name(faker.first_name(), faker.last_name())
        parts = {name.given, name.family} if attempt < taken.patience else {name.full}
        if name.given in given_no or name.family in family_no or parts & taken.names:
            continue
        if taken.towns & {name.given, name.family} or not fits(name):
            continue
        if attempt >= taken.patience:
            taken.sharing()
        taken.names |= {name.given, name.family, name.full}
        return name
    raise BadFile("households: there are not enough names for so many; fewer are wanted, or a file of your own")


def draw_place(town: Town, faker: Faker, rng: np.random.Generator, taken: Taken) -> Place:
    """An address at a spot of its own in the town."""
    spot = draw_spot(town, rng, taken)
    street = f"{draw_name(faker, taken).family} {_STREET_TYPES[int(rng.integers(len(_STREET_TYPES)))]}"
    return Place(
        street=f"{int(rng.integers(101, 9_900))} {street}",
        city=town.name,
        state=town.state,
        postal_code=town.postal_code,
        country="US",
        latitude=spot[0],
        longitude=spot[1],
    )


def draw_spot(town: Town, rng: np.random.Generator, taken: Taken) -> Spot:
    """A place within 1.4 km of the town's centre, or further if that is full, over 100 m from every other home."""
    for attempt in itertools.count():
        reach = _TOWN_RADIUS_KM * (1 + attempt // _SPOTS_TRIED)
        away, bearing = reach * math.sqrt(rng.random()), 2 * math.pi * rng.random()
        east = away * math.sin(bearing) / (KM_PER_DEGREE * math.cos(math.radians(town.latitude)))
        spot = (
            round(town.latitude + away * math.cos(bearing) / KM_PER_DEGREE, 6),
            round(town.longitude + east, 6),
        )
        if taken.place(spot):
            break
    return spot


def draw_phone(town: Town, rng: np.random.Generator, taken: Taken) -> str:
    """E.164 with the exchange 555, which networks do not hand out to people."""
    return taken.fresh(lambda: f"+1{town.area_code}555{int(rng.integers(10_000)):04d}")


def draw_email(name: Name, rng: np.random.Generator, taken: Taken) -> str:
    def draw() -> str:
        ending = ("com", "net", "org")[int(rng.integers(3))]
        return f"{name.given}.{name.family}{int(rng.integers(10, 100))}@example.{ending}".lower()

    return taken.fresh(draw)


def draw_secrets(faker: Faker, rng: np.random.Generator, taken: Taken) -> tuple[Secret, ...]:
    return (
        Secret(kind="bank_account", value=taken.fresh(lambda: _digits(rng, 12))),
        Secret(kind="card", value=taken.fresh(lambda: card_number(rng))),
        Secret(kind="ssn", value=taken.fresh(lambda: str(faker.ssn()))),
    )


def card_number(rng: np.random.Generator) -> str:
    """Sixteen digits of a test range, with the right check digit."""
    body = _TEST_CARDS[int(rng.integers(len(_TEST_CARDS)))] + _digits(rng, 9)
    return body + luhn.calc_check_digit(body)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(10, size=count))


def token(rng: np.random.Generator, length: int) -> str:
    return "".join(_ALNUM[at] for at in rng.integers(len(_ALNUM), size=length))


@functools.cache
def _avoided() -> tuple[frozenset[str], frozenset[str]]:
    avoid = own_data().avoid
    return frozenset(avoid.given.split()), frozenset(avoid.family.split())
