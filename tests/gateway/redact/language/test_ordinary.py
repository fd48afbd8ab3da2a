"""Ordinary words of a language are told from names."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.language.ordinary import describes, is_ordinary


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "hungry leaving lost exhausted allergic home not mexican gonna"),
        ("es", "alergica cansado vegetariana periodista capaz de psicologo"),
    ],
)
def test_what_somebody_is_describes(language: str, words: str) -> None:
    assert [word for word in words.split() if not describes(word, load_locale(language))] == []


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", "leopold beatrix mark grace bill delacroix"),
        ("es", "fernando leocadia ada ida casimiro"),
    ],
)
def test_a_name_describes_nobody(language: str, names: str) -> None:
    assert [name for name in names.split() if describes(name, load_locale(language))] == []


def test_a_word_of_the_lexicon_is_ordinary_though_it_describes_nobody() -> None:
    locale = load_locale("en")
    assert is_ordinary("bridge", locale)
    assert not describes("bridge", locale)
    assert not is_ordinary("delacroix", locale)
