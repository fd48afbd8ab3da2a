"""Homes that are named without a street, and what only looks like one."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of
from gateway.redact.places.flats import find_flats


def found(text: str, language: str = "en") -> list[str]:
    locale = load_locale(language)
    return [text[span.start : span.end] for span in find_flats(words_of(text, locale), locale)]


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("the office is at harbour steps suite four hundred", "harbour steps suite four hundred"),
        ("her flat is flat six beaumont house", "flat six beaumont house"),
        ("we're in building c apartment two twelve", "building c apartment two twelve"),
        ("i'm at mulberry gardens apartment five b", "mulberry gardens apartment five b"),
        ("seven oh five white harbours suite twelve", "white harbours suite twelve"),
        ("we live in unit nine", "unit nine"),
    ],
)
def test_a_home_is_found_without_a_street(text: str, home: str) -> None:
    assert found(text) == [home]


@pytest.mark.parametrize(
    "text",
    [
        "the flat two doors down is empty",
        "a flat seven chord please",
        "play the suite number five",
        "flat white two sugars",
        "start unit three of the spanish lesson",
        "apartment prices rose nine percent",
        "the tyre is flat",
        "apartment",
    ],
)
def test_what_is_no_home_stays(text: str) -> None:
    assert found(text) == []


def test_spanish_homes_have_their_own_words() -> None:
    assert found("estamos en el apartamento doce", "es") == ["apartamento doce"]
