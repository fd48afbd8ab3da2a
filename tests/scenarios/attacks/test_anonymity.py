"""How many households fit what was seen: counted one by one here, too."""

import pytest

from gateway.identities import Device, Household, Identities, Member, Place
from scenarios.attacks.anonymity import Seen, anonymity, placed
from simulator.world.towns import towns

TOWN = next(town for town in towns() if (town.name, town.state) == ("Ashland", "Oregon"))


def home(
    label: str, *, city: str = "Ashland", state: str = "Oregon", given: str = "Ann", north: float = 0.0
) -> Household:
    place = Place(city=city, state=state, latitude=TOWN.latitude + north, longitude=TOWN.longitude)
    return Household(
        household_id=label,
        customer_id=f"C{label}",
        home=place,
        devices=(Device(site_id=f"s{label}", serial=f"G{label}"),),
        members=(Member(person_id=f"{label}-1", given_name=given),),
    )


HOMES = Identities(
    households=(home("H01"), home("H02", given="Bea", north=0.01), home("H03", north=0.02), home("H04", city="Medford"))
)


def seen(household: str = "H01", named: tuple[str, ...] = (), **facts: object) -> Seen:
    return Seen(household=household, facts=facts, named=frozenset(named))


def test_nothing_leaves_everybody() -> None:
    (row,) = anonymity([seen(locality=None)], HOMES)
    assert (row.shown, row.households_least, row.people_least) == (("nothing",), 4, None)


def test_a_town_leaves_its_homes_and_its_people() -> None:
    (row,) = anonymity([seen(locality="Ashland, Oregon")], HOMES)
    assert (row.shown, row.households_least) == (("place",), 3)
    assert row.people_least == TOWN.population


def test_facts_of_linked_clips_add_up() -> None:
    apart = [seen(locality="Ashland, Oregon"), seen(given_name="Bea")]
    assert {row.households_least for row in anonymity(apart, HOMES)} == {3, 1}
    linked = [seen(device="p", locality="Ashland, Oregon"), seen(device="p", given_name="Ann")]
    (row,) = anonymity(linked, HOMES)
    assert (row.shown, row.groups, row.households_least) == (("given name", "place"), 1, 2)


def test_raw_ids_coordinates_and_known_values_leave_one() -> None:
    assert anonymity([seen(device="GH02")], HOMES)[0].households_least == 4  # a pseudonym, for all anybody knows
    assert anonymity([seen(device="GH02")], HOMES, raw=["device"])[0].households_least == 1
    assert anonymity([seen(customer="CH02")], HOMES, raw=["customer"])[0].households_least == 1
    place = HOMES.households[1].home
    assert place is not None
    assert anonymity([seen(latitude=place.latitude, longitude=place.longitude)], HOMES)[0].households_least == 1
    rounded = {"latitude": round(place.latitude or 0, 1), "longitude": round(place.longitude or 0, 1)}
    assert anonymity([seen(**rounded)], HOMES)[0].households_least == 4  # type: ignore[arg-type]
    assert anonymity([seen(named=("H02",))], HOMES)[0].households_least == 1


def test_homes_are_placed_as_well_as_anything_shown_allows() -> None:
    where = HOMES.households[2].home
    assert where is not None
    spots = placed(
        [
            seen("H01"),
            seen("H02", locality="Ashland, Oregon"),
            seen("H03", locality="Ashland, Oregon"),
            seen("H03", latitude=where.latitude, longitude=where.longitude),
        ],
        HOMES,
        street=["H04"],
    )
    found = {spot.household_id: (spot.by, spot.metres) for spot in spots}
    assert found["H01"] == ("nothing", None)
    assert found["H03"] == ("coordinates", 1.0)
    assert found["H04"] == ("street address", 20.0)
    by, metres = found["H02"]
    assert by == "town"
    assert metres is not None
    assert metres == pytest.approx(2_590, abs=100)  # 21,000 people at 1,000 a square kilometre
