"""Tokens of alphabets that mark nothing are read wherever their digits stand, and without any."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.guesses import guessed
from scenarios.leaks.decode.signals import signals


def _pieces(data: bytes) -> list[bytes]:
    return [piece for _step, piece in guessed(data, signals().present(data), set())]


@given(st.text("0123456789", min_size=8, max_size=16))
def test_a_number_in_lower_case_base32_is_read(number: str) -> None:
    """Such a token may have its only digit anywhere among its symbols, or none: "gq4tgojqhe"."""
    token = base64.b32encode(number.encode()).rstrip(b"=").lower()
    assert any(number.encode() in piece for piece in _pieces(b"note: " + token + b" end"))


@pytest.mark.parametrize("word", [b"information", b"gazettes", b"hydrography", b"haystacks", b"geography"])
def test_words_are_no_base32(word: bytes) -> None:
    assert _pieces(b"the " + word + b" of it") == []
