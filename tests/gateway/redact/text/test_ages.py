"""How old a person is, and how old things are."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("i'm forty three years old", "i'm [date of birth] old", "en"),
        ("my grandfather is ninety four years old", "my grandfather is [date of birth] old", "en"),
        ("she is six years and three months old", "she is [date of birth] old", "en"),
        ("my wife turned fifty yesterday", "my wife turned [date of birth] yesterday", "en"),
        ("i'm sixty eight", "i'm [date of birth]", "en"),
        ("i'm otis and i'm seven", "i'm [person] and i'm [date of birth]", "en"),
        ("she's six and a half", "she's [date of birth]", "en"),
        ("i turn sixty seven in march", "i turn [date of birth]", "en"),
        ("our daughter's fourth birthday is soon", "our daughter's [date of birth] birthday is soon", "en"),
        ("it's her tenth birthday", "it's her [date of birth] birthday", "en"),
        ("female aged 58", "female aged [date of birth]", "en"),
        ("tengo cuarenta y dos años", "tengo [date of birth]", "es"),
        ("mi padre tiene ochenta y un años", "mi padre tiene [date of birth]", "es"),
        ("cumplo treinta años el sábado", "cumplo [date of birth] el sábado", "es"),
    ],
)
def test_an_age_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the house is ninety years old", "en"),
        ("i'm eighty percent sure", "en"),
        ("turn five lights off", "en"),
        ("there are two", "en"),
        ("on the fourth birthday song", "en"),
        ("they're two and we're one", "en"),
        ("i'm ten", "en"),
        ("our twins are seven years old", "en"),
        ("the baby is nine months old", "en"),
        ("i turned eleven lights off", "en"),
        ("age 12 and up", "en"),
        ("how old is the universe", "en"),
        ("mi coche tiene diez años", "es"),
        ("tengo diez años de experiencia", "es"),
        ("tengo cinco minutos", "es"),
    ],
)
def test_the_age_of_a_thing_stays(text: str, language: str) -> None:
    assert left(text, language) == text
