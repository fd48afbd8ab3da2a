import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identities import Household, Identities, Place
from scenarios.leaks.match.spots.places import Places, Spot, distance_m, spots_of

HOME = Spot(household_id="H07", field="home.latitude", latitude=42.194576, longitude=-122.709477)


@pytest.mark.parametrize(
    "text",
    [
        '{"lat": 42.194576, "lon": -122.709477}', '{"42.1946": "-122.7095"}', "<b>42.1946</b>,<i>-122.7095</i>",
        "42.1946° N, 122.7095° W", "geo:42.194576,-122.709477;u=5", "at 42.195 / \u2212122.709",
    ],
)  # fmt: skip
def test_a_home_is_seen_however_it_is_written(text: str) -> None:
    (seen,) = Places([HOME]).search(text)
    assert seen.spot == HOME
    assert seen.metres < 70
    assert not seen.swapped


def test_a_swapped_pair_is_seen_and_said() -> None:
    (seen,) = Places([HOME]).search("[-122.709477, 42.194576]")
    assert seen.swapped


@pytest.mark.parametrize(
    "text",
    ["42.19, -122.71", "42.204576, -122.709477", "142.194576 -122.709477", "42.194576",
     "version 1.42.194576 -122.709477",      "42.194576" + " " * 500 + "-122.709477", "42.194576, 122.709477"],
)  # fmt: skip
def test_round_far_or_lonely_numbers_are_no_place(text: str) -> None:
    assert not Places([HOME]).search(text)


def test_the_nearest_of_two_neighbours_is_named() -> None:
    neighbour = Spot(household_id="H08", field="home.latitude", latitude=42.195576, longitude=-122.709477)
    (seen,) = Places([neighbour, HOME]).search("42.194570,-122.709470")
    assert seen.spot.household_id == "H07"
    assert seen.metres == pytest.approx(1, abs=1)


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m(HOME, HOME.latitude + 1, HOME.longitude) == pytest.approx(111_195, abs=10)


def test_half_a_place_is_no_spot() -> None:
    home = Household(household_id="H", home=Place(latitude=1.0), work=(Place(latitude=0.0, longitude=0.0),))
    assert [spot.field for spot in spots_of(Identities(schema=1, households=(home,)))] == ["work.latitude"]


@given(st.text(alphabet="0123456789.,-+ NSEW°"))
def test_no_text_breaks_it(text: str) -> None:
    Places([HOME]).search(text)
