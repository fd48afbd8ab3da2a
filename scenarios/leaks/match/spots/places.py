"""Finds points on the map that lie at a home or a workplace, and says how much they tell.

A point is two numbers beside each other, in either order, within 500 m of a known place. If they stand far apart, or
with other numbers between them, both must be marked as coordinates. Less exact points tell less: see `severity`.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec
import numpy as np

from gateway.identities import Identities
from scenarios.leaks.decode.signals import ALL, BULK
from scenarios.leaks.match.spots.cells import around, geohashes, s2_beginnings
from scenarios.leaks.match.spots.grids import points
from scenarios.leaks.match.spots.nearby import Nearby
from scenarios.leaks.match.spots.readings import Reading, labelled, readings
from scenarios.verdict import Severity

RADIUS_M = 500.0
_EARTH_M = 6_371_008.8  # mean radius, IUGG
HOUSE_M = 50.0  # up to here a point shows the house
BLOCK_M = 150.0
_NEAR_CHARS = 400
_BESIDE_CHARS = 60
_BESIDE = 2  # readings away: an altitude may stand between
_CELL = 0.01  # degrees of latitude, over twice the radius


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A known place in degrees. `field` is home.latitude or work.latitude; the pair counts as one value."""

    household_id: str
    field: str
    latitude: float
    longitude: float


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A point at `metres` from `spot`, exact to `step_m` metres. `notation` says how it was written.

    `swapped` says that the longitude came first. `bare` says that only their nearness shows that the numbers are
    coordinates.
    """

    spot: Spot
    metres: float
    swapped: bool
    notation: str = ""
    step_m: float = 0.0
    bare: bool = False

    @property
    def within_m(self) -> float:
        """How near to the house a reader of the text can get, in metres."""
        return max(self.metres, self.step_m)

    @property
    def severity(self) -> Severity:
        """High within 50 m, which shows the house. Medium within 150 m, which shows the block. Low beyond, where many
        homes lie.

        Two unmarked numbers of three decimals are low too, because tables are full of them.
        """
        if self.within_m <= HOUSE_M:
            return "high"
        return "medium" if self.within_m <= BLOCK_M and not (self.bare and self.step_m > HOUSE_M) else "low"


def spots_of(identities: Identities) -> tuple[Spot, ...]:
    found = []
    for home in identities.households:
        places = [
            ("home.latitude", home.home),
            *(("work.latitude", work) for work in home.work),
            *(("homes.latitude", each) for each in home.homes),
        ]
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
    """Knows places by rows of latitude, so that one look-up drops most numbers."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._rows: dict[int, list[Spot]] = {}
        for spot in spots:
            row = math.floor(spot.latitude / _CELL)
            for near in (row - 1, row, row + 1):
                self._rows.setdefault(near, []).append(spot)
        latitudes, longitudes = (
            np.array([getattr(spot, each) for spot in spots]) for each in ("latitude", "longitude")
        )
        beside = around(latitudes, longitudes, _CELL / 2)
        self._hashes, self._cells = geohashes(*beside), s2_beginnings(*beside)
        self._nearby = Nearby(self._rows, self._hashes, self._cells)

    def search(self, text: str, marks: frozenset[str] = ALL) -> list[Sighting]:
        """Return the nearest known place of every point. Each place comes once, at its smallest distance."""
        best: dict[Spot, Sighting] = {}
        if not self._rows:
            return []
        if len(text) < BULK:
            self._read(text, marks, best)
        else:
            for kinds, part in self._nearby.parts(text, marks):
                if part:
                    self._read(part, kinds, best)
        return list(best.values())

    def _read(self, text: str, marks: frozenset[str], best: dict[Spot, Sighting]) -> None:
        written: dict[str, list[Reading]] = {}
        for notation, reading in readings(text, marks, self._is_near):
            written.setdefault(notation, []).append(reading)
        for notation, numbers in written.items():
            self._pair(text, numbers, notation, best)
        for point in points(text, marks, self._hashes.__contains__, self._cells.__contains__):
            spots = self._near(point.latitude)
            if spots:
                seen = _nearest(spots, point.latitude, point.longitude)
                _keep(_sighting(seen, point.notation, point.step_m), best)

    def _is_near(self, latitude: float) -> bool:
        return math.floor(latitude / _CELL) in self._rows

    def _near(self, latitude: float) -> list[Spot] | None:
        return self._rows.get(math.floor(latitude / _CELL))

    def _pair(self, text: str, numbers: list[Reading], notation: str, best: dict[Spot, Sighting]) -> None:
        """Pair numbers that stand within _NEAR_CHARS of each other, and that stand side by side or are both marked as
        coordinates.
        """
        numbers.sort()
        starts = [reading.at for reading in numbers]
        for place, latitude in enumerate(numbers):
            spots = self._near(latitude.degrees)
            if not spots:
                continue
            first = bisect_left(starts, latitude.at - _NEAR_CHARS)
            last = bisect_right(starts, latitude.at + _NEAR_CHARS)
            for other in range(first, last):
                longitude = numbers[other]
                if longitude.at == latitude.at:
                    continue
                seen = _nearest(spots, latitude.degrees, longitude.degrees)
                if seen[0] > RADIUS_M:
                    continue
                sure = labelled(text, latitude) and labelled(text, longitude)
                apart = max(latitude.at, longitude.at) - min(latitude.end, longitude.end)
                if sure or (abs(other - place) <= _BESIDE and apart <= _BESIDE_CHARS):
                    step = max(latitude.step_m, longitude.step_m)
                    swapped = longitude.at < latitude.at
                    _keep(_sighting(seen, notation, step, swapped=swapped, bare=not sure), best)


def _sighting(
    seen: tuple[float, Spot], notation: str, step_m: float, *, swapped: bool = False, bare: bool = False
) -> Sighting | None:
    metres, spot = seen
    if metres > RADIUS_M:
        return None
    return Sighting(spot=spot, metres=metres, swapped=swapped, notation=notation, step_m=step_m, bare=bare)


def _keep(sighting: Sighting | None, best: dict[Spot, Sighting]) -> None:
    if sighting and (sighting.spot not in best or sighting.within_m < best[sighting.spot].within_m):
        best[sighting.spot] = sighting


def _nearest(spots: Sequence[Spot], latitude: float, longitude: float) -> tuple[float, Spot]:
    return min(((distance_m(spot, latitude, longitude), spot) for spot in spots), key=lambda pair: pair[0])


def distance_m(spot: Spot, latitude: float, longitude: float) -> float:
    """Return the great-circle distance in metres (haversine)."""
    here, there = math.radians(spot.latitude), math.radians(latitude)
    turn = math.radians(longitude - spot.longitude)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))
