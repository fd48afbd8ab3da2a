"""Degrees of latitude and longitude."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("latitude fifty one point five longitude minus zero point one two", "[address]", "en"),
        ("we're at forty point seven one north seventy four point zero one west", "we're at [address]", "en"),
        ("latitud cuarenta punto cuatro longitud menos tres punto siete", "[address]", "es"),
    ],
)
def test_a_position_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("drive north for two point five miles", "en"),
        ("go west then north", "en"),
        ("three point five degrees", "en"),
    ],
)
def test_a_direction_stays(text: str, language: str) -> None:
    assert left(text, language) == text
