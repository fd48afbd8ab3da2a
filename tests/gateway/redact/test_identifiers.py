"""Pseudonyms reach as far and live as long as the contract says; two of one device share nothing across a rotation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.model import Pseudonyms
from gateway.redact.identifiers import Subject, identifier

START = datetime(2019, 4, 10, tzinfo=UTC)


def made(value: str | None = "G0A1", operator: Any = "pseudonym", **more: Any) -> str | None:
    rules = Pseudonyms(scope=more.pop("scope", "device"), rotate_days=more.pop("rotate_days", None))
    subject = Subject(session=more.pop("session", "s1"), household=more.pop("household", "h1"))
    given_: dict[str, Any] = {"field": "device", "key": b"a" * 32, "now": START} | more
    return identifier(value, operator, rules=rules, subject=subject, **given_)


def test_a_pseudonym_is_stable_under_its_key_and_apart_by_field() -> None:
    assert made() == made()
    assert made() not in (made(key=b"b" * 32), made(field="customer"), "G0A1")
    assert made(operator="drop") is None
    assert made(None, "keep") is None
    assert made(operator="keep") == "G0A1"


@pytest.mark.parametrize(
    ("scope", "same", "other"),
    [
        ("session", {"value": "G0A2"}, {"session": "s2"}),
        ("device", {"session": "s2", "household": "h2"}, {"value": "G0A2"}),
        ("household", {"session": "s2", "value": "G0A2"}, {"household": "h2"}),
    ],
)
def test_it_reaches_as_far_as_its_scope(scope: str, same: dict[str, str], other: dict[str, str]) -> None:
    assert made(scope=scope) == made(scope=scope, **same) != made(scope=scope, **other)


def test_scope_clip_is_new_every_time() -> None:
    assert len({made(scope="clip") for _ in range(50)}) == 50


def test_a_rotation_makes_new_ones_and_nothing_else_does() -> None:
    days = [made(rotate_days=30, now=START + timedelta(days=day)) for day in range(90)]
    assert 3 <= len(set(days)) <= 4

    assert len({made(now=START + timedelta(days=day)) for day in range(90)}) == 1


@given(st.text(max_size=40), st.text(max_size=40), st.binary(min_size=1, max_size=40))
def test_any_value_gives_sixteen_hex_digits_and_never_itself(value: str, session: str, key: bytes) -> None:
    pseudonym = made(value, key=key, session=session)
    assert pseudonym is not None
    assert len(pseudonym) == 16
    assert int(pseudonym, 16) >= 0
    assert value == "" or value not in pseudonym or len(value) < 5
