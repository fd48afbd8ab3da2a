"""Birth dates in the forms people and programs write them; each example with another person's date beside it."""

import json

import pytest

from gateway.identities import Identities, parse_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")


def _born(day: str) -> Identities:
    home = {"household_id": "H07", "members": [{"person_id": "P1", "birth_date": day}]}
    return parse_identities(json.dumps({"schema": 2, "households": [home]}).encode(), "ids.json")


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    return LeakDetector(_born("1968-03-14"))


def _found(detector: LeakDetector, text: str) -> bool:
    return any(finding.field == "members.birth_date" for finding in detector.scan_bytes(text.encode(), FILE))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('{"day": "1968-03-14T05:00:00.000Z"}', '{"day": "1975-11-22T05:00:00.000Z"}'),
        ("bday 19680314T000000Z", "bday 19751122T000000Z"),
        ("the 14th of March, 1968", "the 22nd of November, 1975"),
        ("march fourteenth nineteen sixty eight", "november twenty second nineteen seventy five"),
        ("родилась 14 марта 1968 г.", "родилась 22 ноября 1975 г."),
        ("ur. 14 marca 1968", "ur. 22 listopada 1975"), ("1968年3月14日生", "1975年11月22日生"),
        ("昭和43年3月14日", "昭和50年11月22日"), ("1968년 3월 14일", "1975년 11월 22일"),
        ("DOB: 03/14/68", "DOB: 11/22/75"), ("geb. 14.3.68", "geb. 22.11.75"), ("born 14 Mar '68", "born 22 Nov '75"),
        ('{"birthdate": -56851200000}', '{"birthdate": 185846400000}'), ("birth_ts=-56851200", "birth_ts=185846400"),
        ("name,dob\nx,24911", "name,dob\nx,27720"),
        ('{"birthMonth": 3, "birthDay": 14, "birthYear": 1968}', '{"birthMonth": 11, "birthDay": 22, "birthYear": 75}'),
    ],
)  # fmt: skip
def test_a_date_is_found_and_another_is_not(detector: LeakDetector, text: str, other: str) -> None:
    assert _found(detector, text)
    assert not _found(detector, other)


@pytest.mark.parametrize(
    "text",
    [
        "built 03/14/68",
        "ts=-56851200",
        "24911",
        "sold on 14.3.68, item 24911",
        "dob unknown; " + "x " * 80 + "03/14/68",
    ],
)
def test_a_short_form_counts_behind_its_label_only(detector: LeakDetector, text: str) -> None:
    assert not _found(detector, text)


def test_midnight_east_of_greenwich_is_the_day_before() -> None:
    """1968-03-14 at midnight in Berlin."""
    assert _found(LeakDetector(_born("1968-03-14")), '{"birthday": -56854800}')
