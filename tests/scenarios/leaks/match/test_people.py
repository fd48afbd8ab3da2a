"""Another person of the same home between a given name and the family name is no stranger."""

import pytest

from gateway.identities import Household, Identities, Member
from scenarios.leaks.match.people import People
from scenarios.leaks.needles.literals import words_of

HOME = Household(
    household_id="H1",
    members=tuple(
        Member(person_id=f"P{at}", name=f"{given} Tarkington", given_name=given, family_name="Tarkington")
        for at, given in enumerate(("Wilhelm", "Thessaly", "Rosalind"))
    ),
)
OTHER = Household(
    household_id="H2",
    members=(Member(person_id="Q0", name="Odile Tarkington", given_name="Odile", family_name="Tarkington"),),
)
PEOPLE = People(Identities(schema=2, households=(HOME, OTHER)))


def told(text: str) -> dict[str, bool]:
    """Return who is found, and whether only possibly: the surest of each."""
    found: dict[str, bool] = {}
    for needle, how in PEOPLE.search(words_of(text).encode()):
        possible = "possible" in how
        found[needle.person_id or ""] = found.get(needle.person_id or "", True) and possible
    return found


@pytest.mark.parametrize("text", ["Wilhelm, Thessaly and Rosalind Tarkington", "wilhelm thessaly rosalind tarkington"])
def test_all_of_a_home_are_found_before_one_family_name(text: str) -> None:
    assert told(text) == {"P0": False, "P1": False, "P2": False}


def test_a_stranger_between_makes_it_possible_and_two_end_it() -> None:
    assert told("Wilhelm Gregor Tarkington") == {"P0": True}
    assert told("Wilhelm Gregor Hugo Tarkington") == {}
