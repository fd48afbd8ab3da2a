"""Dates that are somebody's, before and behind the word that says so; other dates stay."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("may fifth nineteen eighty four is my birthday", "[date of birth] is my birthday"),
        ("june second is her birthday", "[date of birth] is her birthday"),
        ("may fifth nineteen eighty four is my favorite day", "may fifth nineteen eighty four is my favorite day"),
        ("my visa expires oh four twenty nine", "my visa expires [card expiry]"),
        ("the milk expires march twelve", "the milk expires march twelve"),
        ("my visa expires march twenty nine", "my visa expires [card expiry]"),
        ("the visa fee is valid for thirteen twenty nine", "the visa fee is valid for thirteen twenty nine"),
    ],
)
def test_a_date_is_somebodys_by_the_words_around_it(text: str, expected: str) -> None:
    assert left(text) == expected
