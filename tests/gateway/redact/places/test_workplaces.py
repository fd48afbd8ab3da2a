"""Where somebody works or goes to school, and kinds of such places."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("my wife works at ferncastle and moody", "my wife works at [address]", "en"),
        ("i work for zentrix robotics", "i work for [address]", "en"),
        ("my son goes to maple ridge elementary", "my son goes to [address]", "en"),
        ("she teaches at saint aidan's school", "she teaches at [address]", "en"),
        ("my daughter's school is north hollow middle", "my daughter's school is [address]", "en"),
        ("mi marido trabaja en talleres zubiri", "mi marido trabaja en [address]", "es"),
        ("mi hija va al colegio santa rosalía", "mi hija va al [address]", "es"),
    ],
)
def test_a_workplace_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("she works at the hospital", "en"),
        ("i work at home", "en"),
        ("my son goes to middle school", "en"),
        ("he goes to a public school", "en"),
        ("school is closed", "en"),
        ("i work nights", "en"),
        ("mi hijo va a la guardería", "es"),
        ("trabajo en casa", "es"),
    ],
)
def test_a_kind_of_place_stays(text: str, language: str) -> None:
    assert left(text, language) == text
