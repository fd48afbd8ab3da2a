"""In a long text the same places are found as in a short one: nothing known is dismissed."""

import pytest

from scenarios.leaks.match.spots.places import Places, Spot

FILLER = "version 3.14159 of 2026-11-28, 8a2f81c0 and 12345678 in 7.125 s\n" * 400
NORTH = Spot(household_id="N", field="home.latitude", latitude=4.194576, longitude=102.709477)
SOUTH = Spot(household_id="S", field="home.latitude", latitude=-33.868820, longitude=151.209290)


@pytest.mark.parametrize(
    "text",
    [
        "4.194576, 102.709477", "04.194576 102.709477", "4,194576;102,709477", "41945760, 1027094770",
        "4194576 102709477", "675491.4 774907.201", "4.194576 N 102.709477 E",
        "50043241,1225371791", "tiles/a1322320300001023303.jpeg",
    ],
)  # fmt: skip
def test_a_place_in_a_long_text_is_seen(text: str) -> None:
    assert [seen.spot for seen in Places([NORTH, SOUTH]).search(FILLER + text + "\n" + FILLER)] == [NORTH]


@pytest.mark.parametrize("text", ["-33.868820, 151.209290", "33.868820S 151.209290E", "(151.20929,-33.86882)",
                                  "33°52'07.8\"S 151°12'33.4\"E", "-338688200,1512092900",
                                  "-404070762,1803997098", "q=3112301330022332312"])  # fmt: skip
def test_a_southern_place_in_a_long_text_is_seen(text: str) -> None:
    assert [seen.spot for seen in Places([NORTH, SOUTH]).search(FILLER + text + "\n" + FILLER)] == [SOUTH]


def test_numbers_far_from_every_place_give_nothing() -> None:
    assert not Places([NORTH, SOUTH]).search(FILLER * 3)
