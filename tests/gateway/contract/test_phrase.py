"""Words are compared however they are spelled, and words of any script stay apart."""

import pytest

from gateway.contract.phrase import folded, phrase_words, without_possessive


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("Élodie,", "elodie"),
        ("ÉLODIE", "elodie"),
        ("don't", "dont"),
        ("Straße", "strasse"),
        ("r2-d2", "r2d2"),
        ("...", ""),
        ("\u2764\ufe0f", ""),
        ("नमस्ते", "नमसत\u0947"),  # the vowel sign stays, the virama (which has a class) goes
    ],
)
def test_letters_and_digits_are_kept_without_accents_and_case(word: str, kept: str) -> None:
    assert folded(word) == kept


def test_vowel_signs_tell_words_apart_and_accents_do_not() -> None:
    assert folded("की") != folded("के") != folded("क")
    assert folded("का") != folded("क")  # a spacing sign
    assert folded("café") == folded("cafe")


def test_what_has_neither_letter_nor_digit_is_no_word() -> None:
    assert phrase_words("Hey, — Alexa!") == ("hey", "alexa")
    assert phrase_words(" ... ") == ()


@pytest.mark.parametrize("mark", ["'", "’", "ʼ", "＇"])
def test_a_possessive_is_taken_off(mark: str) -> None:
    assert without_possessive(f"Alexa{mark}s,") == "Alexa"
    assert without_possessive(f"ALEXA{mark}S") == "ALEXA"
    assert without_possessive("alexas") == "alexas"
    assert without_possessive(f"it{mark}s on") == f"it{mark}s on"
