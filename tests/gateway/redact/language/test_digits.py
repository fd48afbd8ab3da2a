"""Numbers in a row of words, by language."""

import pytest

from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("en", "five four one", ["5", "4", "1"]),
        ("en", "double five then twenty-two", ["55", "22"]),
        ("en", "nothing of the kind", []),
        ("es", "cinco cuatro uno", ["5", "4", "1"]),
    ],
)
def test_every_number_is_one_item(language: str, text: str, digits: list[str]) -> None:
    locale = load_locale(language)
    assert [item.digits for item in items_of(words_of(text, locale), locale)] == digits
