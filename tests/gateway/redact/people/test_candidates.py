"""What may be a name where one is expected, and where it ends."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of
from gateway.redact.people.candidates import is_nobody, may_be_somebody, names_from

EN = load_locale("en")


def names(text: str, language: str = "en") -> list[str]:
    locale = load_locale(language)
    words = words_of(text, locale)
    return [text[words[first].start : words[last].end] for first, last in names_from(words, 0, locale)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bob smith tomorrow", ["bob smith"]),
        ("john van der berg", ["john van der berg"]),
        ("mike, jim and bob at nine", ["mike", "jim", "bob"]),
        ("chris kimberly and aaronson", ["chris kimberly", "aaronson"]),
        ("rose and coffee", ["rose"]),
        ("soup and bob", []),
        ("tuesday", []),
    ],
)
def test_names_and_those_tied_to_them(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize("text", ["", "five", "x", "june", "the", "nasa", "grandma"])
def test_what_is_no_name_by_its_form(text: str) -> None:
    words = words_of(text, EN)
    assert is_nobody(words, 0, EN)
    assert not may_be_somebody(words, 0, EN)


def test_plurals_are_nobody_where_no_lexicon_tells() -> None:
    assert names("clientes", "es") == []
    assert names("ximena y a evaristo", "es") == ["ximena", "evaristo"]
