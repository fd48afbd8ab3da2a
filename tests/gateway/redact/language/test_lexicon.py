"""What words a language has, and what the rules of a locale speak of."""

import pytest

from gateway.redact.language.lexicon import has_word
from gateway.redact.language.locale import load_locale, own_words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "fridge tattoo cellphones calories"), ("es", "ventana habitacion encendieron recuerdame dimelo")],
)
def test_a_form_of_a_word_is_known(language: str, words: str) -> None:
    assert [word for word in words.split() if not has_word(word, load_locale(language))] == []


@pytest.mark.parametrize(("language", "names"), [("en", "anderson john lucette"), ("es", "jose fernandez thiago")])
def test_a_proper_name_is_no_word(language: str, names: str) -> None:
    assert [name for name in names.split() if has_word(name, load_locale(language))] == []


def test_the_rules_own_words_hold_cues_and_no_names() -> None:
    words = own_words("en")
    assert {"iban", "snapchat", "card", "good", "thru"} <= words
    assert not {"john", "mark", "smith", "victor", "jane"} & words
