"""Words that cannot stand where they do are doubted, and ordinary sentences are not."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.text.doubt import find_doubtful
from gateway.wire import AsrToken, TokenTime


def heard(text: str) -> list[AsrToken]:
    """`text` at an even pace, heard with certainty."""
    tokens, at, now = list[AsrToken](), 0, 0.0
    for word in text.split():
        time = TokenTime(start=now, end=now + 0.08 * len(word))
        tokens.append(AsrToken(value=word, confidence=0.95, range_start=at, range_end=at + len(word), time=time))
        at, now = at + len(word) + 1, time.end
    return tokens


def doubted(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end] for span in find_doubtful(heard(text), 0.5, load_locale(language))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("when is what was home", ["what"]),
        ("who was where last night", ["where"]),
        ("is was home", ["is", "was"]),
        ("is can home yet", ["is", "can"]),
        ("was is at the doctor again", ["was", "is"]),
        ("send the is a message", ["the"]),
        ("call the", ["the"]),
    ],
)
def test_a_word_that_cannot_stand_there_is_doubted(text: str, expected: list[str]) -> None:
    assert doubted(text) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what is on my list and when is it due", "en"),
        ("who is in the kitchen", "en"),
        ("who is famous for what", "en"),
        ("what will the weather be and can you tell me why", "en"),
        ("is the light on", "en"),
        ("must have had it on", "en"),
        ("que era es esta", "es"),
        ("cuando es la cita", "es"),
    ],
)
def test_an_ordinary_sentence_is_not(text: str, language: str) -> None:
    assert doubted(text, language) == []


def test_what_the_recogniser_is_unsure_of_is_doubted() -> None:
    tokens = heard("call my doctor")
    unsure = [*tokens[:2], AsrToken(value="doctor", confidence=0.4, range_start=8, range_end=14, time=tokens[2].time)]
    assert [span.start for span in find_doubtful(unsure, 0.5, load_locale())] == [8]
