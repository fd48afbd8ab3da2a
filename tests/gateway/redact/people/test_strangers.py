"""Small words that stand in the place of an addressee were names. The same words elsewhere are left alone."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call one", "call [contact]"),
        ("call one on the kitchen speaker", "call [contact] on the kitchen speaker"),
        ("call what on the kitchen speaker", "call [contact] on the kitchen speaker"),
        ("phone and at work", "phone [contact] at work"),
        ("tell one that the train is late", "tell [contact] that the train is late"),
        ("tell what that the train is late", "tell [contact] that the train is late"),
        ("send a message to one", "send a message to [contact]"),
    ],
)
def test_a_misheard_name_is_masked(text: str, expected: str) -> None:
    assert left(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "call one of them back",
        "call it a day",
        "reply to that one",
        "tell me what to wear",
        "call what you like",
    ],
)
def test_the_same_words_elsewhere_stay(text: str) -> None:
    assert left(text) == text
