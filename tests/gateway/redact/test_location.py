"""Places are as coarse as the contract says and hide enough people or homes, else nothing is shown."""

import msgspec
import pygeohash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.model import Location
from gateway.geography.grid import geohash
from gateway.redact.location import Shown, location, town_populations
from gateway.vault.messages import SiteFacts

OREGON = SiteFacts(
    household_key="k",
    consent=True,
    city="Ashland",
    state="Oregon",
    latitude=42.19458,
    longitude=-122.70948,
    homes_in_town=7,
    homes_in_cell=(90, 60, 40, 12, 3, 1, 1, 1),
)
PEOPLE = {("ashland", "oregon"): 20_861}


@given(
    st.floats(-90, 90, exclude_max=True),
    st.floats(-180, 180, exclude_max=True),
    st.integers(1, 8),
)
def test_cells_are_geohashes(latitude: float, longitude: float, level: int) -> None:
    assert geohash(latitude, longitude, level) == pygeohash.encode(latitude, longitude, precision=level)


def test_the_two_ashlands_are_told_apart() -> None:
    people = town_populations()
    rule = Location(show="locality", min_anonymity=1_000)
    michigan = msgspec.structs.replace(OREGON, state="Michigan")
    assert location(OREGON, rule, people) == Shown("Ashland, Oregon")
    assert location(michigan, rule, people) == Shown("Ashland, Michigan")
    assert location(michigan, Location(show="locality", min_anonymity=10_000), people) == Shown()


@pytest.mark.parametrize(("level", "k", "shown"), [(4, 12, "9r2n"), (4, 13, None), (5, 3, "9r2nt"), (5, 4, None)])
def test_a_cell_hides_at_least_k_homes_of_the_fleet(level: int, k: int, shown: str | None) -> None:
    rule = Location(show="grid", grid_level=level, counted_by="fleet", min_anonymity=k)
    found = location(OREGON, rule, PEOPLE).locality
    assert (found is None) == (shown is None)
    assert found is None or found == pygeohash.encode(42.19458, -122.70948, precision=level)


def test_a_town_may_be_counted_by_the_fleet() -> None:
    rule = Location(show="locality", counted_by="fleet", min_anonymity=7)
    assert location(OREGON, rule, {}) == Shown("Ashland, Oregon")
    assert location(OREGON, rule.model_copy(update={"min_anonymity": 8}), PEOPLE) == Shown()


def test_unknown_coordinates_show_no_cell() -> None:
    rule = Location(show="grid", counted_by="fleet")
    assert location(msgspec.structs.replace(OREGON, latitude=None), rule, PEOPLE) == Shown()
    assert location(msgspec.structs.replace(OREGON, homes_in_cell=()), rule, PEOPLE) == Shown()


def test_coordinates_are_shown_only_where_asked_for() -> None:
    shown = location(OREGON, Location(show="coordinates"), PEOPLE)
    assert (shown.latitude, shown.longitude) == (42.19458, -122.70948)
    for rule in (Location(show="nothing"), Location(show="locality"), Location(show="grid", counted_by="fleet")):
        assert location(OREGON, rule, PEOPLE).latitude is None
