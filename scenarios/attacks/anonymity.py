"""Counts the households that fit everything a reviewer saw of a clip. The count is exact: all households are known.

A reviewer can link clips with the same id. What is seen of one of them is therefore known of all.
"""

import functools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gateway.identities import Household, Identities, Place
from simulator.world.towns import Town, distance_km, towns

_PEOPLE_PER_KM2 = 1_000  # density assumed for towns of the United States, to get a radius from a population
_CELL = frozenset("0123456789bcdefghjkmnpqrstuvwxyz")


class AnonymitySet(msgspec.Struct, frozen=True, kw_only=True):
    """The anonymity sets of all groups of linked clips for which the fields `shown` were visible.

    `shown` is ("nothing",) if no field was. `households_least` and `households_median` count
    the simulated households that fit. `people_least` is the population of the smallest town shown, or None.
    """

    shown: tuple[str, ...]
    groups: int
    households_least: int
    households_median: int
    people_least: int | None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """How closely one home can be located: within `metres` (None: not at all), from the information `by`."""

    household_id: str
    metres: float | None
    by: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as a reviewer saw it.

    `facts` are the tool's facts. `named` are households whose known values were found in its answers. `household` is
    the true household.
    """

    household: str
    facts: Mapping[str, Any]
    named: frozenset[str] = frozenset()


def anonymity(seen: Sequence[Seen], identities: Identities, *, raw: Collection[str] = ()) -> tuple[AnonymitySet, ...]:
    """One row for each set of visible fields. `raw` names the ids (device, customer) that are not hidden."""
    found: dict[tuple[str, ...], list[tuple[int, int | None]]] = {}
    for group in _linked(seen):
        shown, fits, people = _narrowed(group, identities.households, raw)
        found.setdefault(shown, []).append((len(fits), people))
    rows = []
    for shown, sizes in sorted(found.items()):
        counts = sorted(size for size, _ in sizes)
        crowds = [count for _, count in sizes if count is not None]
        rows.append(
            AnonymitySet(
                shown=shown,
                groups=len(sizes),
                households_least=counts[0],
                households_median=counts[len(counts) // 2],
                people_least=min(crowds) if crowds else None,
            )
        )
    return tuple(rows)


def placed(seen: Sequence[Seen], identities: Identities, street: Collection[str] = ()) -> tuple[Placed, ...]:
    """The closest location of each home with a clip. `street` are households whose street was found in an answer."""
    homes = {home.household_id: home.home for home in identities.households if home.home}
    best: dict[str, Placed] = {}
    for clip in seen:
        home = homes.get(clip.household)
        if home is None:
            continue
        for metres, by in _spots(clip.facts, home):
            known = best.get(clip.household)
            if known is None or known.metres is None or (metres is not None and metres < known.metres):
                best[clip.household] = Placed(household_id=clip.household, metres=metres, by=by)
    for label in set(street) & set(homes):
        known = best.get(label)
        if known is None or known.metres is None or known.metres > 20:
            best[label] = Placed(household_id=label, metres=20.0, by="street address")
    return tuple(best[label] for label in sorted(best))


def _spots(facts: Mapping[str, Any], home: Place) -> Iterable[tuple[float | None, str]]:
    """(metres, source) for each location shown: distance of coordinates, half a cell's diagonal, or a town's radius."""
    yield None, "nothing"
    if home.latitude is None or home.longitude is None:
        return
    here = (home.latitude, home.longitude)
    if facts.get("latitude") is not None and facts.get("longitude") is not None:
        there = (float(facts["latitude"]), float(facts["longitude"]))
        yield max(1.0, distance_km(here, there) * 1_000), "coordinates"
    locality = str(facts.get("locality") or "")
    if locality and set(locality) <= _CELL:
        yield 20_000_000 / 2 ** (2.5 * len(locality)), "grid cell"
    if people := _people(locality):
        yield 1_000 * math.sqrt(people / _PEOPLE_PER_KM2 / math.pi), "town"


def _linked(seen: Sequence[Seen]) -> list[list[Seen]]:
    groups: dict[object, list[Seen]] = {}
    for at, clip in enumerate(seen):
        known = clip.facts.get("device") or clip.facts.get("customer")
        groups.setdefault(("id", known) if known else ("clip", at), []).append(clip)
    return list(groups.values())


def _narrowed(
    group: Sequence[Seen], homes: Sequence[Household], raw: Collection[str]
) -> tuple[tuple[str, ...], list[Household], int | None]:
    """(fields shown, households that fit, population of the smallest town shown or None)."""
    shown: set[str] = set()
    fits, crowds = list(homes), []
    for clip in group:
        for field, fit in _tests(clip, raw):
            shown.add(field)
            fits = [home for home in fits if fit(home)]
        if count := _people(str(clip.facts.get("locality") or "")):
            crowds.append(count)
    return tuple(sorted(shown)) or ("nothing",), fits, min(crowds) if crowds else None


def _tests(clip: Seen, raw: Collection[str]) -> Iterable[tuple[str, Callable[[Household], bool]]]:
    facts = clip.facts
    if locality := facts.get("locality"):
        yield "place", lambda home: _lives_in(home, str(locality))
    if name := facts.get("given_name"):
        yield "given name", lambda home: any(member.given_name == name for member in home.members)
    if facts.get("latitude") is not None:
        spot = float(facts["latitude"]), float(facts.get("longitude") or 0.0)
        yield "coordinates", lambda home: _near(home.home, spot)
    if "device" in raw and facts.get("device"):
        yield "device", lambda home: any(facts["device"] in (d.serial, d.site_id) for d in home.devices)
    if "customer" in raw and facts.get("customer"):
        yield "customer", lambda home: home.customer_id == facts["customer"]
    if clip.named:
        yield "a known value", lambda home: home.household_id in clip.named


def _lives_in(home: Household, locality: str) -> bool:
    place = home.home
    if place is None:
        return False
    return locality == f"{place.city}, {place.state}" or set(locality) <= _CELL


def _near(place: Place | None, spot: tuple[float, float]) -> bool:
    """Whether the place is within the precision of the last decimal shown, and at least within 20 m."""
    if place is None or place.latitude is None or place.longitude is None:
        return False
    decimals = min(len(repr(value).partition(".")[2]) for value in spot)
    reach_km = max(0.02, 111.32 * 10.0**-decimals / math.sqrt(2))
    return distance_km((place.latitude, place.longitude), spot) <= reach_km


def place_of(said: str) -> str | None:
    """A place as the attacks name it: "Ashland, OR" is "Ashland, Oregon", a cell of a geohash grid is itself. None if
    there is no such place."""
    if said in _called() or (bool(said) and set(said) <= _CELL):
        return said
    return next((name for name, some in _called().items() if said == f"{some[0].name}, {some[0].code}"), None)


def _people(locality: str) -> int | None:
    """The population of all towns of that name and state. None if no such town is known."""
    return sum(town.population for town in _called().get(locality, ())) or None


@functools.cache
def _called() -> dict[str, list[Town]]:
    """Towns by "name, state", as a locality is written."""
    found: dict[str, list[Town]] = {}
    for town in towns():
        found.setdefault(f"{town.name}, {town.state}", []).append(town)
    return found
