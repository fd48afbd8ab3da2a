"""What stands in a long text is read as it is in a short one; what is told in bulk is told no differently."""

import base64
import codecs
import gzip
import random
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.base85 import ALPHABETS, SYMBOLS
from scenarios.leaks.decode.encodings import in_text
from scenarios.leaks.decode.guesses import guessed
from scenarios.leaks.decode.layers import Limits, decode
from scenarios.leaks.decode.runs import BULK, runs_of
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.decode.tokens import _B32_NUMBER, _PLAIN, _TOKEN, _plain_words

NAME = "Rosalind Quintero"
NOTE = "may.tarkington84@example.com and 541-555-0187"
_WORDS = "the quick brown fox jumped over a lazy dog while nobody was looking at Information-theory or gazettes".split()
_SYMBOLS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKL0123456789+/_-="


def prose(size: int) -> bytes:
    rng = random.Random(5)
    return " ".join(rng.choice(_WORDS) for _ in range(size // 5)).encode()[:size]


def pieces(data: bytes) -> set[bytes]:
    """Everything that is guessed in it, line by line."""
    found = guessed(data, signals().present(data), set())
    return {line for _step, piece in found for line in piece.replace(b"\0", b"\n").split(b"\n")}


@given(st.lists(st.text(_SYMBOLS, min_size=6, max_size=30), min_size=14, max_size=30))
def test_tokens_of_a_long_text_give_what_they_give_in_one_that_is_not_quite_so_long(tokens: list[str]) -> None:
    said = " ".join(tokens).encode()
    short = said + b" " + prose(BULK - len(said) - 2)
    assert pieces(short) == pieces(short + prose(40))


@pytest.mark.parametrize("size", [2_000, 60_000, 300_000])
@pytest.mark.parametrize(
    ("step", "turn"), [("reversed", lambda text: text[::-1]), ("rot13", lambda text: codecs.encode(text, "rot13"))]
)
def test_a_turned_page_in_a_text_of_any_length_is_turned(step: str, turn: Callable[[str], str], size: int) -> None:
    away = "lights kitchen music " * 200
    page = turn(f"for the record, see https://example.org about {away} {NAME} {away} with the rest of the page. ")
    text = prose(size).decode() + "\n" + page + "\n" + prose(size).decode()
    found = list(in_text(text, noise=False, marks=signals().present(text.encode())))
    turned = [data for name, data in found if name == step]
    assert any(NAME.encode() in data for data in turned)
    assert all(len(data) < 2 * 70_000 for data in turned)


def test_ordinary_percent_codes_say_nothing_of_a_text_read_backwards() -> None:
    assert "reversed" not in signals().present(b"q=%7B%0A%20%20%22name%22%3A%20%22kitchen%22%7D")
    assert "reversed" in signals().present(b"%35%34%31%35%35"[::-1])
    assert "reversed" in signals().present(b"q: " + b"%C3%BC%C3%A9x"[::-1])


def test_lines_of_a_wrapped_block_are_not_wrapped_once_more() -> None:
    block = base64.encodebytes(NOTE.encode() * 4)
    found = decode(b"see\n" + block + b"\nand\n" + block[:-9] + b"\nend", Limits())
    assert any("wrapped" in layer.how for layer in found.layers)
    assert not any(pair == ("wrapped", "wrapped") for layer in found.layers for pair in pairwise(layer.how))


@given(
    st.lists(st.text("abghtyz", min_size=8, max_size=24) | st.text("abgtyAZ23_-/", min_size=8, max_size=24), min_size=1)
)
def test_only_words_and_no_numbers_in_base32_are_told_by_their_letters(words: list[str]) -> None:
    runs = runs_of(" ".join(words).encode(), _TOKEN, 8)
    told = zip(words, _plain_words(runs).tolist(), strict=True)
    assert all(_PLAIN.fullmatch(word) and not _B32_NUMBER.match(word) for word in (w.encode() for w, t in told if t))


@given(st.text("0123456789", min_size=8, max_size=12))
def test_a_number_in_lower_case_base32_is_no_word_in_a_long_text(number: str) -> None:
    token = base64.b32encode(number.encode()).rstrip(b"=").lower()
    assert any(number.encode() in piece for piece in pieces(prose(BULK) + b" " + token + b" end"))


_BEHIND = ("", "", "id=", '"', ">", "[", "a=b=", "see:", "(")


@st.composite
def _of_85(draw: st.DrawFn, name: str) -> str:
    """Draw a token of an alphabet: any symbols, a value, or a packed value, with something in front of it."""
    encode = base64.a85encode if name == "ascii85" else base64.b85encode
    value = draw(st.sampled_from([NAME, NOTE, "541-555-0187", "Ångström, Åsa"])).encode()
    symbols = draw(
        st.text(SYMBOLS[name], min_size=10, max_size=60)
        | st.sampled_from([value, zlib.compress(value)[2:-4], gzip.compress(value), brotli.compress(value)]).map(
            lambda data: encode(data).decode()
        )
    )
    return draw(st.sampled_from(_BEHIND)) + symbols


@pytest.mark.parametrize("name", sorted(SYMBOLS))
@given(data=st.data())
def test_runs_of_85_symbols_give_in_a_long_text_what_they_give_in_a_short_one(name: str, data: st.DataObject) -> None:
    said = " ".join(data.draw(st.lists(_of_85(name), min_size=1, max_size=12))).encode()
    assert list(ALPHABETS[name].pieces(said)) == list(ALPHABETS[name].pieces(said + b" " * BULK))


def test_what_a_text_repeats_and_what_stands_between_blanks_of_any_kind_is_read() -> None:
    token = base64.b64encode(NOTE.encode())
    for blank in (b" ", b"\t", b"\n", b"\r\n", b"\x0b", b"\x0c"):
        text = blank.join([prose(2 * BULK), token, token, b"<~" + base64.a85encode(NAME.encode()) + b"~>", b"end"])
        found = pieces(text)
        assert {NOTE.encode(), NAME.encode()} <= found
