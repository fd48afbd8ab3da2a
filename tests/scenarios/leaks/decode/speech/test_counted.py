"""Numbers said in other languages than English, by another library than the one that hears them."""

from itertools import chain

import pytest
from num2words import num2words

from gateway.identities import Household, Identities, Member, Place
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Finding, Where

NATIONAL = "611972283450"
STREETS = {"pt_BR": "Rua das Acácias 318", "fr": "318 rue des Mésanges", "de": "Amselweg 318", "es": "Calle Olmos 318"}
LANGUAGES = ("de", "fr", "es", "pt_BR", "it", "nl", "pl", "cs", "sv", "da", "no", "fi", "tr", "ru", "uk")
PAIRED = ("de", "fr", "es", "pt_BR", "it", "nl")
FILE = Where(kind="file", name="x")
LONG = "the kitchen lamp is on and the door is shut\n" * 300


def detector(street: str = "Quailbush Terrace 9") -> LeakDetector:
    member = Member(
        person_id="P", name="Ottilie Vanderhaeghe", phones=(f"+{NATIONAL}",), emails=("ottilie@example.org",)
    )
    home = Household(household_id="H", home=Place(street=street), members=(member,))
    return LeakDetector(Identities(schema=1, households=(home,)))


DETECTOR = detector()


def found(text: str, by: LeakDetector = DETECTOR) -> list[Finding]:
    return by.scan_bytes(text.encode(), FILE)


def said(digits: str, language: str, size: int) -> str:
    groups = [digits[at : at + size] for at in range(0, len(digits), size)]
    return " ".join(chain.from_iterable(num2words(int(group), lang=language).split() for group in groups))


@pytest.mark.parametrize("around", ["", LONG])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_telephone_number_said_digit_by_digit_is_found(language: str, around: str) -> None:
    text = f"{around}ok, {said(NATIONAL, language, 1)}, ok\n{around}"
    assert "members.phones" in {finding.field for finding in found(text)}, text[-300:]


@pytest.mark.parametrize("language", PAIRED)
def test_a_telephone_number_said_in_pairs_is_found(language: str) -> None:
    text = f"ok {said(NATIONAL, language, 2)}."
    assert "members.phones" in {finding.field for finding in found(text)}, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_number_is_nobody(language: str) -> None:
    assert found(f"ok, {said('498863117204', language, 1)}, ok") == []


@pytest.mark.parametrize("language", STREETS)
def test_a_street_with_its_number_in_words_is_found(language: str) -> None:
    street = STREETS[language]
    text = street.lower().replace("318", num2words(318, lang=language))
    assert [finding.field for finding in found(f"- {text}\n", detector(street))] == ["home.street"], text
    other = street.lower().replace("318", num2words(417, lang=language))
    assert found(f"- {other}\n", detector(street)) == []


def test_half_a_dozen_is_six_on_the_telephone() -> None:
    text = "meia um um nove sete dois dois oito três quatro cinco zero"
    assert "members.phones" in {finding.field for finding in found(text)}


@pytest.mark.parametrize(
    "text",
    ["chiocciola example punto org", "arobase example point org", "arroba example ponto org"],
)
def test_the_signs_of_an_address_are_read(text: str) -> None:
    assert "members.emails" in {finding.field for finding in found(f"scrivi a ottilie {text} grazie")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_searches_see_the_mark(language: str) -> None:
    text = said(NATIONAL, language, 1).encode() + b" "
    assert "said" in signals().present(text) & signals(plain=True).present(text)
