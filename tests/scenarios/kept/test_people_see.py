"""What people see narrows households down; what nobody here can compare is said."""

import msgspec

from gateway.contract.model import load_contract
from scenarios.checks.exposure import READ
from scenarios.kept.people_see import narrowed, shown_ones, unread
from scenarios.kept.read.clip import KeptClip
from simulator.world.households import make_identities
from tests.scenarios.world import finding, response

CONTRACT = load_contract("strict")
PEOPLE = make_identities(seed=3, households=5)
HOME = PEOPLE.households[0]


def clip(**more: str) -> KeptClip:
    return msgspec.structs.replace(KeptClip(label="kept-0001", session=None, text=None, record=b"{}"), **more)


def fits(one: KeptClip, *, pages: bool = True, how: str = "GET") -> int:
    answers = [response(clip_ref=one.label, method=how, findings=(finding(household_id=HOME.household_id),))]
    found = narrowed([(one, HOME.household_id)], PEOPLE, CONTRACT, answers, pages=pages)
    return found.sets[0].households_least


def test_coordinates_and_a_value_in_a_page_leave_one_household() -> None:
    assert HOME.home is not None
    spot = {"latitude": str(HOME.home.latitude), "longitude": str(HOME.home.longitude)}
    bare = narrowed([(clip(**spot), HOME.household_id)], PEOPLE, CONTRACT, [], pages=True)
    assert (bare.sets[0].shown, bare.sets[0].households_least) == (("coordinates",), 1)
    assert fits(clip()) == 1
    assert fits(clip(), how=READ) == len(PEOPLE.households), "nobody was shown what the harness read itself"
    assert fits(clip(), how=READ, pages=False) == 1, "without pages the record is what people see"


def test_what_cannot_be_compared_is_said() -> None:
    assert unread([clip(), clip(place=""), clip(place="9q8yy")]) == []
    assert unread([clip(place="the old mill")]) == [
        '1 clips show a place that is no town as "Ashland, OR" and no geohash'
    ]
    assert unread([clip(latitude="north", longitude="1")]) == ["1 clips have coordinates that are no two numbers"]


def test_a_place_is_read_with_the_name_of_the_state_or_its_code() -> None:
    for said in ("Ashland, OR", "Ashland, Oregon"):
        (row,) = narrowed([(clip(place=said), HOME.household_id)], PEOPLE, CONTRACT, [], pages=True).sets
        assert (row.shown, row.people_least) == (("place",), 20_861), said


def test_a_clip_is_shown_when_its_page_opened() -> None:
    rows = [response(clip_ref="a"), response(clip_ref="b", status=404), response(clip_ref="c", method=READ)]
    assert shown_ones(rows) == {"a"}
