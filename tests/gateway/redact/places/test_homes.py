"""A home said before what it is, with its neighbours in the other recognisers of the same writing."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("one forty four maple that's where we live", "[address] that's where we live", "en"),
        ("um twelve oak hollow is our house", "um [address] is our house", "en"),
        ("for one two seven juniper hollow rode is our house", "[address] is our house", "en"),
        ("our place is fifteen b orchard close", "our place is [address]", "en"),
        ("la oficina es carrera de san jerónimo cuarenta", "la oficina es [address]", "es"),
        ("un taxi para gran vía treinta y dos", "un taxi para [address]", "es"),
        ("june second is when my birthday is", "[date of birth] is when my birthday is", "en"),
        ("april first is my wife's birthday", "[date of birth] is my wife's birthday", "en"),
        ("yep february fourteenth nineteen sixty one", "yep [date of birth]", "en"),
        ("cumplo el nueve de octubre", "cumplo el [date of birth]", "es"),
        ("the wifi is purple monkey dishwasher", "the wifi is [number]", "en"),
        ("the netflix login is popcorn queen nine", "the netflix login is [email]", "en"),
        ("la clave es mariposa azul", "la clave es [number]", "es"),
        ("on the back it says four one eight", "on the back it says [number]", "en"),
        ("tell bob smith i'm late", "tell [contact] i'm late", "en"),
        ("invite bartholomew and ludmila", "invite [contact] and [contact]", "en"),
        ("cita con el doctor arizmendi el jueves", "cita con el doctor [person] el jueves", "es"),
    ],
)
def test_a_secret_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("twelve songs is where i stop", "en"),
        ("two houses is what they own", "en"),
        ("june second is a monday this year", "en"),
        ("when is mother's birthday", "en"),
        ("yes june second", "en"),
        ("the wifi is down", "en"),
        ("the wifi is acting up again", "en"),
        ("my gmail is full", "en"),
        ("my login is not working", "en"),
        ("la clave es correcta", "es"),
        ("cuesta diecinueve noventa y nueve", "es"),
        ("eleven ninety five a month", "en"),
        ("the total came to one hundred twelve thirty", "en"),
        ("it says error four oh four", "en"),
        ("error code five hundred again", "en"),
        ("the b one bus", "en"),
        ("the class of two thousand nine reunion", "en"),
        ("email is down again", "en"),
        ("mail was late today", "en"),
        ("reply to that one with sounds good", "en"),
        ("dos cafés para llevar", "es"),
    ],
)
def test_a_plain_sentence_stays(text: str, language: str) -> None:
    assert left(text, language) == text
