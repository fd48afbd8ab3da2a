"""Secrets of words are masked to the end of their clause; how a password is stays."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("memorable word dandelion", "memorable word [number]"),
        ("my password is purple elephant seven", "my password is [number]"),
        ("the password's correct horse battery staple", "the password's [number]"),
        ("the password for the router is chocolate teapot please", "the password for the router is [number] please"),
        ("my password is blue giraffe and my dog barks", "my password is [number] and my dog barks"),
        ("log in with the password monkey bars", "log in with the password [number]"),
        ("wifi password open sesame twelve", "wifi password [number]"),
        ("the answer to my security question is fluffy", "the answer to my security question is [number]"),
        ("my user name is dragon slayer", "my user name is [email]"),
        ("my locker is left twelve right thirty one left four", "my locker is [number]"),
        ("right nine left twenty two right fourteen", "[number]"),
        ("the gate code is star four four seven one hash", "the gate code is [number]"),
    ],
)
def test_a_secret_of_words_is_masked(text: str, expected: str) -> None:
    assert left(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the password is wrong",
        "the password is too hard to remember",
        "my password is not working",
        "the password is the same as before",
        "what is the wifi password",
        "tell me what the password is",
        "change the password settings",
        "turn left then right then left again",
        "set the left speaker to four and the right one to seven",
        "turn left lamp off and right lamp to thirty percent",
    ],
)
def test_a_plain_sentence_stays(text: str) -> None:
    assert left(text) == text


def test_spanish() -> None:
    assert left("mi contraseña es gato negro once", "es") == "mi contraseña es [number]"
    assert left("el candado es izquierda cinco derecha quince izquierda dos", "es") == "el candado es [number]"
    assert left("la contraseña es incorrecta", "es") == "la contraseña es incorrecta"


def test_a_short_year_is_a_year_of_birth_only() -> None:
    assert left("i was born in oh seven") == "i was born in [date of birth]"
    assert left("nací en el año ochenta y dos", "es") == "nací en el año [date of birth]"
    assert left("play songs from oh seven") == "play songs from oh seven"
    assert left("who was born in seventy eight") == "who was born in seventy eight"
    assert left("pon éxitos del año ochenta y dos", "es") == "pon éxitos del año ochenta y dos"
