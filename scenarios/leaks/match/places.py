"""Text -> pairs of numbers that point at a home or a workplace.

Two numbers with three or more decimals that stand near each other, in either order, within 500 m of a known
place. Three decimals are 111 m of latitude: what is rounder points at a neighbourhood, not at a house.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from gateway.identities import Identities
from scenarios.leaks.decode.signals import ALL
from scenarios.leaks.match.notations import coordinates, points

RADIUS_M = 500.0
_EARTH_M = 6_371_008.8  # mean radius, IUGG
_NEAR_CHARS = 400
_CELL = 0.01  # degrees of latitude, over twice the radius
_NUMBER = re.compile(r"(?<![\w.])([-+\u2212]?)(\d{1,3}\.\d{3,20})(?!\d|\.\d)(?:\s?°?\s?([NSEWnsew])\b)?")


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A known place; `field` is home.latitude or work.latitude (the pair counts as one)."""

    household_id: str
    field: str
    latitude: float
    longitude: float


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A point `metres` away from `spot`; `notation` is how it was written, `swapped` when the longitude came first."""

    spot: Spot
    metres: float
    swapped: bool
    notation: str = ""


def spots_of(identities: Identities) -> tuple[Spot, ...]:
    found = []
    for home in identities.households:
        places = [("home.latitude", home.home), *(("work.latitude", work) for work in home.work)]
        for field, place in places:
            if place and place.latitude is not None and place.longitude is not None:
                found.append(
                    Spot(
                        household_id=home.household_id,
                        field=field,
                        latitude=place.latitude,
                        longitude=place.longitude,
                    )
                )
    return tuple(found)


class Places:
    """Known places in a grid of latitudes, so that most numbers are dismissed by one look-up."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._rows: dict[int, list[Spot]] = {}
        for spot in spots:
            row = math.floor(spot.latitude / _CELL)
            for near in (row - 1, row, row + 1):
                self._rows.setdefault(near, []).append(spot)

    def search(self, text: str, marks: frozenset[str] = ALL) -> list[Sighting]:
        """The nearest known place of every point and every pair; each place once, at its smallest distance."""
        best: dict[Spot, Sighting] = {}
        if not self._rows:
            return []
        written: dict[str, list[tuple[int, float]]] = {}
        if "decimals" in marks:
            written[""] = list(_numbers(text))
        for notation, coordinate in coordinates(text, marks):
            written.setdefault(notation, []).append(coordinate)
        for notation, numbers in written.items():
            self._pair(numbers, notation, best)
        for notation, latitude, longitude in points(text, marks):
            spots = self._near(latitude)
            _keep(_nearest(spots, latitude, longitude, swapped=False, notation=notation) if spots else None, best)
        return list(best.values())

    def _near(self, latitude: float) -> list[Spot] | None:
        return self._rows.get(math.floor(latitude / _CELL))

    def _pair(self, numbers: list[tuple[int, float]], notation: str, best: dict[Spot, Sighting]) -> None:
        """`numbers` in order of their positions; partners stand within _NEAR_CHARS."""
        numbers.sort()
        starts = [at for at, _ in numbers]
        for at, latitude in numbers:
            spots = self._near(latitude)
            if not spots:
                continue
            first, last = bisect_left(starts, at - _NEAR_CHARS), bisect_right(starts, at + _NEAR_CHARS)
            for other_at, longitude in numbers[first:last]:
                if other_at != at:
                    _keep(_nearest(spots, latitude, longitude, swapped=other_at < at, notation=notation), best)


def _keep(sighting: Sighting | None, best: dict[Spot, Sighting]) -> None:
    if sighting and (sighting.spot not in best or sighting.metres < best[sighting.spot].metres):
        best[sighting.spot] = sighting


def _numbers(text: str) -> Iterator[tuple[int, float]]:
    for match in _NUMBER.finditer(text):
        sign, digits, side = match.groups()
        negative = sign in ("-", "\u2212") or (side or "").upper() in ("S", "W")
        yield match.start(), -float(digits) if negative else float(digits)


def _nearest(
    spots: Sequence[Spot], latitude: float, longitude: float, *, swapped: bool, notation: str
) -> Sighting | None:
    metres, spot = min(((distance_m(spot, latitude, longitude), spot) for spot in spots), key=lambda pair: pair[0])
    if metres > RADIUS_M:
        return None
    return Sighting(spot=spot, metres=metres, swapped=swapped, notation=notation)


def distance_m(spot: Spot, latitude: float, longitude: float) -> float:
    """Great-circle distance (haversine)."""
    here, there = math.radians(spot.latitude), math.radians(latitude)
    turn = math.radians(longitude - spot.longitude)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))
