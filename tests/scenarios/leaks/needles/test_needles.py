from typing import Any

import pytest

from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret
from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.needles import JOIN_TAG_OWNER, join_tag_needles, needles_of


def _one(**values: str | Place | tuple[Any]) -> Identities:
    return Identities(schema=1, households=(Household(household_id="H07", **values),))


def _fields(identities: Identities) -> set[str]:
    return {needle.field for needle in needles_of(identities).needles}


def test_every_field_of_a_full_household_is_looked_for(known: Identities) -> None:
    found = needles_of(known)
    assert {needle.field for needle in found.needles} == {
        "customer_id", "devices.site_id", "devices.serial", "home.street", "members.name", "members.given_name",
        "members.phones", "members.emails", "contacts.name", "secrets.value",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Will", "April", "Madison", "Ada", "Mary Ann"])
def test_a_given_name_that_is_an_everyday_word_is_no_needle(name: str) -> None:
    found = needles_of(_one(members=(Member(person_id="p", given_name=name),)))
    assert not found.needles
    assert found.left_out == {"members.given_name": 1}


def test_a_given_name_that_two_homes_share_or_that_is_a_town_is_no_needle() -> None:
    member = Member(person_id="p", given_name="Rosalind")
    homes = (
        Household(household_id="A", members=(member,)),
        Household(household_id="B", members=(member, Member(person_id="q", given_name="Tarrington"))),
        Household(household_id="C", home=Place(city="Tarrington")),
    )
    assert not needles_of(Identities(schema=1, households=homes)).needles


def test_an_unusual_given_name_is_one() -> None:
    assert _fields(_one(members=(Member(person_id="p", given_name="Rosalind"),))) == {"members.given_name"}


@pytest.mark.parametrize(
    "values",
    [
        {"customer_id": "10023"},
        {"devices": (Device(site_id="kitchen"),)},
        {"devices": (Device(site_id="default"),)},
        {"contacts": (Contact(name="Mom"),)},
        {"home": Place(street="Main Street", city="Springfield", state="Illinois", postal_code="62704")},
        {"members": (Member(person_id="p", family_name="Lovelace"),)},
        {"secrets": (Secret(kind="other", value="1234"),)},
    ],
)
def test_what_thousands_share_is_no_needle(values: dict[str, Any]) -> None:
    assert not needles_of(_one(**values)).needles


def test_the_label_of_a_household_is_never_a_needle(known: Identities) -> None:
    assert not any("H07" in needle.value for needle in needles_of(known).needles)


def test_masks_never_hold_the_value(known: Identities) -> None:
    for needle in needles_of(known).needles:
        assert needle.value not in needle.masked
        assert needle.key not in needle.masked


def test_join_tags_belong_to_the_harness() -> None:
    (needle,) = join_tag_needles(["9f86d081884c7d659a2feaa0c55ad015"])
    assert (needle.field, needle.household_id) == ("join_tag", JOIN_TAG_OWNER)


def test_what_is_searched_beside_other_values_only_is_counted() -> None:
    home = Household(
        household_id="H1", members=(Member(person_id="P1", family_name="Okonkwo"),), home=Place(city="Ely")
    )
    found = needles_of(Identities(schema=1, households=(home,)))
    assert found.left_out == {"members.family_name": 1, "home.city": 1}


@pytest.mark.parametrize(
    "written", ["Quillfeather Lane Nr. 4471", "quillfeather lane no 4471", "Quillfeather Ln. No. 4471"]
)
def test_a_number_behind_its_street_may_be_called_so(written: str) -> None:
    home = Household(household_id="H1", home=Place(street="4471 Quillfeather Lane"))
    keys = {needle.key for needle in needles_of(Identities(schema=2, households=(home,))).needles}
    assert words_of(written) in keys
