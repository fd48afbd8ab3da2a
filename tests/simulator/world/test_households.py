"""Made-up households: where they live, what they are called, and that they do not move."""

from pathlib import Path

import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import geocoder
from stdnum import luhn

from gateway.files import BadFile
from gateway.identities import Contact, Household, Identities, Member, load_provisioning, parse_identities
from simulator.world.households import make_identities
from simulator.world.invented import Taken, draw_spot
from simulator.world.towns import distance_km, find_town, towns


def people_of(home: Household) -> list[Member | Contact]:
    return [*home.members, *home.contacts]


def test_the_first_two_homes_are_in_the_two_ashlands(identities: Identities) -> None:
    places = [(home.home.city, home.home.state) for home in identities.households[:2] if home.home]

    assert places == [("Ashland", "Oregon"), ("Ashland", "Michigan")]


def test_homes_and_work_places_lie_within_their_town_and_apart(identities: Identities) -> None:
    spots = []
    for home in identities.households:
        for place in (home.home, *home.work):
            assert place is not None
            assert place.latitude is not None
            assert place.longitude is not None
            # the same name twice in a state: near one of them
            near = [
                distance_km((place.latitude, place.longitude), (t.latitude, t.longitude))
                for t in towns()
                if (t.name, t.state) == (place.city, place.state)
            ]
            assert min(near) <= 1.5
            spots.append((place.latitude, place.longitude))

    assert min(distance_km(a, b) for i, a in enumerate(spots) for b in spots[:i]) > 0.1


def test_postal_and_area_codes_are_the_towns(identities: Identities) -> None:
    oregon, michigan = (home.home for home in identities.households[:2])
    assert oregon is not None
    assert michigan is not None
    assert (oregon.postal_code, michigan.postal_code) == ("97520", "49327")

    for home in identities.households:
        for place in (home.home, *home.work):
            assert place is not None
            town = find_town(f"{place.city}, {place.state}")
            assert place.postal_code in {t.postal_code for t in towns() if (t.name, t.code) == (town.name, town.code)}
        people = [person.phones[0] for person in people_of(home) if person.phones]
        assert len({phone[2:5] for phone in people}) == 1
        assert {geocoder.country_name_for_number(phonenumbers.parse(phone), "en") for phone in people} <= {
            "United States"
        }


def test_every_town_has_codes_of_its_state() -> None:
    first: dict[str, set[str]] = {}
    for town in towns():
        first.setdefault(town.code, set()).add(town.postal_code[0])

    assert all(town.postal_code.isdigit() and len(town.postal_code) == 5 for town in towns())
    assert all(len(starts) <= 2 for starts in first.values()), "a state's postal codes begin alike"
    assert first["OR"] == {"9"}
    assert first["MI"] == {"4"}


@pytest.mark.parametrize(
    ("name", "codes"), [("Ashland, OR", "97520 541"), ("ashland, michigan", "49327 231"), ("Ashland,KY", "41101 606")]
)
def test_a_town_is_found_by_its_name(name: str, codes: str) -> None:
    town = find_town(name)

    assert f"{town.postal_code} {town.area_code}" == codes


def test_a_town_nobody_knows_is_one_line_with_those_there_are() -> None:
    with pytest.raises(BadFile, match=r"town: Ashland, TX: no such town .*there is Ashland, AL, .*Ashland, OR"):
        find_town("Ashland, TX")


def test_homes_live_where_they_are_asked_to() -> None:
    homes = make_identities(seed=7, households=60, live_in=["Ashland, MI", "Ashland, OR"]).households

    assert [home.home.state for home in homes if home.home] == ["Michigan", "Oregon"] * 30
    assert {home.home.city for home in homes if home.home} == {"Ashland"}
    assert not any("Ashland" in (member.name or "") for home in homes for member in home.members)
    assert make_identities(seed=7, households=3, live_in=["Ashland, MI", "Ashland, OR"]).households == homes[:3]


@pytest.mark.slow
def test_a_full_town_grows() -> None:
    town, taken, rng = find_town("Ashland, OR"), Taken(), np.random.default_rng(1)
    spots = [draw_spot(town, rng, taken) for _ in range(600)]
    away = sorted(distance_km(spot, (town.latitude, town.longitude)) for spot in spots)

    assert away[99] < 1.5
    assert 1.5 < away[-1] < 6


def test_distance_is_that_of_a_map() -> None:
    assert distance_km((0.0, 0.0), (1.0, 0.0)) == pytest.approx(111.3, abs=0.2)
    assert distance_km((60.0, 0.0), (60.0, 1.0)) == pytest.approx(55.7, abs=0.2)
    assert distance_km((42.19458, -122.70948), (43.3425, -85.86194)) > 1_500


def test_every_town_has_at_least_a_thousand_people() -> None:
    assert min(town.population for town in towns()) >= 1_000


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 4))
@settings(max_examples=12, deadline=None)
def test_adding_homes_changes_none_before_them(seed: int, few: int, more: int) -> None:
    small = make_identities(seed=seed, households=few)
    large = make_identities(seed=seed, households=few + more)

    assert large.households[:few] == small.households


def test_another_seed_gives_other_people(identities: Identities) -> None:
    others = make_identities(seed=8, households=10)
    names = {m.name for home in identities.households for m in home.members}

    assert names & {m.name for home in others.households for m in home.members} != names


def test_nothing_that_identifies_stands_in_two_homes() -> None:
    owners: dict[str, set[str]] = {}
    for home in make_identities(seed=3, households=40).households:
        people = [member.given_name for member in home.members] + [member.family_name for member in home.members[:1]]
        contacts = [part for contact in home.contacts for part in (contact.name or "").split()]
        numbers = [p for person in people_of(home) for p in (*person.phones, *person.emails)]
        ids = [value for device in home.devices for value in (device.site_id, device.serial)]
        streets = [place.street for place in (home.home, *home.work) if place]
        secrets = [secret.value for secret in home.secrets]
        for value in (*people, *contacts, *numbers, *ids, *streets, *secrets, home.customer_id):
            assert value
            owners.setdefault(value, set()).add(home.household_id)

    assert {value for value, homes in owners.items() if len(homes) > 1} == set()


def test_nobody_is_called_like_a_town_of_the_fleet() -> None:
    homes = make_identities(seed=3, households=40).households
    town_words = {word for home in homes if home.home and home.home.city for word in home.home.city.split()}
    names = {part for home in homes for person in people_of(home) for part in (person.name or "").split()}

    assert not names & town_words


@pytest.mark.parametrize("word", ["Mark", "Grant", "Page", "Will", "Day", "Alexa", "Alexis", "Case", "Bill"])
def test_nobody_is_called_like_a_word_of_the_page(word: str) -> None:
    homes = make_identities(seed=11, households=60).households
    names = {part for home in homes for person in people_of(home) for part in (person.name or "").split()}

    assert word not in names


def test_numbers_are_well_formed(identities: Identities) -> None:
    for home in identities.households:
        for phone in (p for person in people_of(home) for p in person.phones):
            assert phonenumbers.is_valid_number(phonenumbers.parse(phone))
        kinds = {secret.kind: secret.value for secret in home.secrets}
        assert set(kinds) == {"bank_account", "card", "ssn"}
        assert luhn.is_valid(kinds["card"])
        assert not luhn.is_valid(kinds["card"][:-1] + str((int(kinds["card"][-1]) + 1) % 10))
        assert len(kinds["card"]) == 16


def test_homes_have_people_contacts_devices_and_mostly_consent(identities: Identities) -> None:
    for home in identities.households:
        assert 1 <= len(home.members) <= 4
        assert any(member.age_group != "child" for member in home.members)
        assert 3 <= len(home.contacts) <= 6
        assert 1 <= len(home.devices) <= 2
    assert [home.household_id for home in identities.households if not home.consent] == ["H08"]


def test_written_files_read_back_and_only_one_kind_goes_to_a_gateway(identities: Identities, tmp_path: Path) -> None:
    assert parse_identities(identities.to_json(), "x") == identities
    whole, provisioning = tmp_path / "whole.json", tmp_path / "provisioning.json"
    whole.write_bytes(identities.to_json())
    provisioning.write_bytes(identities.without_secrets().to_json())

    with pytest.raises(ValueError, match="may not be given secrets"):
        load_provisioning(whole)
    assert load_provisioning(provisioning).households[0].secrets == ()
