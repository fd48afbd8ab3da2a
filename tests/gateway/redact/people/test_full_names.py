"""Full names wherever they stand; places, artists to be heard and celebrities stay."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("the account is under shane m culp", "the account is under [person]", "en"),
        ("it was abby q brown", "it was [person]", "en"),
        ("look up hortensia blakemore", "look up [person]", "en"),
        ("what's cosimo pennington known for", "what's [person] known for", "en"),
        ("the parcel for aurelie vandenberg arrived", "the parcel for [person] arrived", "en"),
        ("T. J. Okonjo is here", "[person] is here", "en"),
        ("Yes. Gurinder Chadwick. G as in golf.", "Yes. [person]. G as in golf.", "en"),
    ],
)
def test_a_full_name_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what's the weather in buenos aires", "en"),
        ("fly to tokyo japan", "en"),
        ("is it raining in miami florida", "en"),
        ("play dolly parton", "en"),
        ("songs by aretha franklin", "en"),
        ("how old is tom hanks", "en"),
        ("hey netflix", "en"),
        ("open gmail inbox", "en"),
    ],
)
def test_what_is_no_name_stays_whole(text: str, language: str) -> None:
    assert left(text, language) == text
