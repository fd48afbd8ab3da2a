"""Codes, handles and dates of the sixth writing, with their neighbours."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("gate code star five five two pound", "gate code [number]", "en"),
        ("that'll be the third of the second nineteen forty nine", "that'll be [date of birth]", "en"),
        ("write to rob and jean at harbour dot com", "write to [email]", "en"),
        ("it's n as in nancy dot okoro at gmail dot com", "it's [email]", "en"),
        ("el de ene i es cuatro cuatro uno dos nueve ocho siete seis equis", "el de ene i es [number]", "es"),
        ("mi dni es setenta doscientos once letra hache", "mi dni es [national id]", "es"),
        ("invite the de la fontaines", "invite the [person]", "en"),
        ("prudence and odalric came", "[person] and [person] came", "en"),
        ("odalric and prudence came", "[person] and [person] came", "en"),
        ("good until april twenty nine", "good until [card expiry]", "en"),
        ("my card runs out in june twenty thirty one", "my card runs out in [card expiry]", "en"),
        ("my record locator is kilo seven x ray papa two", "my record locator is [number]", "en"),
        ("my patient id is k four four nine one", "my patient id is [number]", "en"),
        ("the gate code is five one one eight and then hash", "the gate code is [number]", "en"),
        ("open the door with six two nine four", "open the door with [number]", "en"),
        ("the number is tree oh tree five five five one two won too", "the number is [number]", "en"),
        ("call fore won five five five five oh one two two", "call [bank account]", "en"),
        ("twitter handle at cobalt heron", "twitter handle [email]", "en"),
        ("wifi's silver otter ninety", "wifi's [number]", "en"),
        ("it expires july twenty seven", "it expires [card expiry]", "en"),
        ("my instagram is at otter underscore lane", "my instagram is [email]", "en"),
        ("find me on snapchat i'm velvet badger", "find me on snapchat i'm [email]", "en"),
        ("the password is Maple!77", "the password is [number]", "en"),
        ("the name on the card is rosemary tillotson", "the name on the card is [person]", "en"),
        ("my what three words is lamp river dozen", "my what three words is [number]", "en"),
        ("mi instagram es arroba luna rota", "mi instagram es [email]", "es"),
        ("el localizador es ka siete equis pe dos", "el localizador es [number]", "es"),
    ],
)
def test_a_secret_of_these_kinds_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the coupon is good until may twenty eighth", "en"),
        ("it weighs five five two pounds", "en"),
        ("add thirty seven forty two and nineteen", "en"),
        ("it's good until may twelve", "en"),
        ("send email now", "en"),
        ("the milk is good until may twenty eight", "en"),
        ("status code five hundred means trouble", "en"),
        ("error four oh four", "en"),
        ("error code five hundred", "en"),
        ("it costs eleven ninety five", "en"),
        ("eleven ninety five a month", "en"),
        ("my instagram is down", "en"),
        ("error cuatrocientos cuatro", "es"),
        ("cuesta doce noventa y cinco", "es"),
        ("doce noventa y cinco al mes", "es"),
    ],
)
def test_what_looks_like_one_stays(text: str, language: str) -> None:
    assert left(text, language) == text
