"""Values too common alone, together: the home they point at, and how many fit."""

import pytest

from gateway.identities import Contact, Household, Identities, Member, Place
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")


def home(
    label: str,
    given: str,
    town: str,
    phone: str,
    street: str = "44 Larkspur Way",
    code: str = "97501",
    contacts: tuple[Contact, ...] = (),
) -> Household:
    return Household(
        household_id=label,
        home=Place(street=street, city=town, postal_code=code),
        members=(Member(person_id=f"{label}-1", name=f"{given} Quillfeather", given_name=given, phones=(phone,)),),
        contacts=contacts,
    )


HOMES = (
    home("A", "Will", "Gold Hill", "+15415550187"),
    home("B", "Will", "Medford", "+15415550142", street="9 Sorrel Court", code="97504"),
    home(
        "C",
        "May",
        "Medford",
        "+15415550163",
        street="7 Teasel Lane",
        code="97504",
        contacts=(Contact(name="Lorraine Ott"),),
    ),
)
DETECTOR = LeakDetector(Identities(schema=1, households=HOMES))


def found(text: str, detector: LeakDetector = DETECTOR) -> list[tuple[str, str, str]]:
    return [(f.household_id, f.severity, f.how[-1]) for f in detector.scan_bytes(text.encode(), FILE)]


@pytest.mark.parametrize(
    ("text", "home", "severity", "values"),
    [
        ("Will lives in Gold Hill", "A", "low", "given name + town"),
        ("ask Will, his number ends in 0187", "A", "low", "given name + phone's last digits"),
        ("Will from Medford, 97504", "B", "medium", "given name + postal code + town"),
        ("Will of Medford, Sorrel Court", "B", "medium", "given name + street + town"),
        ("the Quillfeather place in Gold Hill", "A", "low", "family name + town"),
        ("call Lorraine back in Medford", "C", "low", "given name + town"),
    ],
)
def test_two_values_of_a_home_are_a_hint_and_three_an_accusation(
    text: str, home: str, severity: str, values: str
) -> None:
    assert found(text) == [(home, severity, f"{values} (1 homes of the file fit)")]


@pytest.mark.parametrize(
    "text",
    [
        "Will you come?",
        "Medford and Gold Hill",
        "Will" + " x" * 80 + " Gold Hill",
        "May in Gold Hill",
        "Will 0163",
        "0187 97501",
    ],
)
def test_one_value_and_values_of_two_homes_are_nothing(text: str) -> None:
    assert not found(text)


def test_a_name_that_every_home_shares_is_still_looked_for() -> None:
    many = tuple(home(f"H{at}", "Will", f"Town{at:03d}ville", f"+1541555{at:04d}") for at in range(60))
    detector = LeakDetector(Identities(schema=1, households=many))
    assert found("Will of Town041ville", detector)[0][0] == "H41"


def test_what_is_recognised_anyway_is_said_once() -> None:
    assert found("Lorraine Ott of Medford") == [("C", "medium", "exact")]
