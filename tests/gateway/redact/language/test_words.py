"""Words come in pieces, and what they say of letters and numbers is the locale's."""

import pytest

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import UnsupportedLanguage, languages, load_locale
from gateway.redact.language.words import only_phrases, spells, whole, words_of


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("twenty-two", ["twenty", "two"]),
        ("five-five-five", ["five", "five", "five"]),
        ("jane.doe", ["jane", "doe"]),
        ("an e-mail", ["an", "e-mail"]),
        ("Laura’s Ní Weiß", ["laura", "ni", "weiss"]),
        ("the Tarkingtons' dog", ["the", "tarkingtons", "dog"]),
        ("double u i l l", ["w", "i", "l", "l"]),
        ("double up", ["double", "up"]),
        ("José", ["jose"]),
    ],
)
def test_words_come_in_pieces(text: str, pieces: list[str]) -> None:
    assert [word.low for word in words_of(text)] == pieces


def test_a_span_grows_over_its_hyphenated_word_only() -> None:
    words = words_of("at forty-one twenty-seven now")
    assert whole(words, Span(start=9, end=12, label="x")) == Span(start=3, end=12, label="x")


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("en", "forty-one twenty-seven", "41 27"),
        ("en", "eight hundred five five five", "800 5 5 5"),
        ("en", "two hundred and five", "205"),
        ("en", "three thousand four hundred fifty two", "3452"),
        ("en", "double five triple oh", "55 000"),
        ("en", "fiftyfive", "505"),
        ("en", "1,200 and 98", "1200 98"),
        ("es", "seiscientos doce treinta y cuatro", "612 34"),
        ("es", "mil novecientos ochenta y cuatro", "1984"),
        ("es", "doble cinco veintidós", "55 22"),
    ],
)
def test_numbers(language: str, text: str, digits: str) -> None:
    locale = load_locale(language)
    assert [item.digits for item in items_of(words_of(text, locale), locale)] == digits.split()


def test_a_language_nobody_reads_is_refused_by_name() -> None:
    assert languages() == ("en", "es")
    assert load_locale("es-MX") is load_locale("es_ES") or load_locale("es-MX").language == "es"
    with pytest.raises(UnsupportedLanguage, match="'fr' is no supported language; allowed: en, es"):
        load_locale("fr-CA")


def test_letters_and_phrases() -> None:
    locale = load_locale()
    assert [spells(low, locale) for low in ("l", "lima", "ell", "lamp")] == ["l", "l", "l", None]
    assert only_phrases(["hang", "on", "okay"], frozenset({"hang_on", "okay"}))
    assert not only_phrases(["hang", "okay"], frozenset({"hang_on", "okay"}))
