"""The compiled sieve keeps the tokens that the one of numpy keeps."""

import base64
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.guesses import Pieces, _plainly
from scenarios.leaks.decode.sieve import BASE32, BASE64, HEX, Packing, sifted
from tests.scenarios.leaks.decode.conftest import Ways

_KINDS = {"base64": BASE64, "base32": BASE32, "hex": HEX}
_VALUE = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789 .,@+éüñ語", max_size=30)


@st.composite
def _token(draw: st.DrawFn, name: str) -> bytes:
    value = draw(_VALUE)
    data = draw(st.binary(max_size=30) | st.sampled_from([value.encode(), value.encode("utf-16-le")]))
    data = draw(st.sampled_from([data, gzip.compress(data), zlib.compress(data)[2:-4], brotli.compress(data)]))
    data = bytes(code ^ 0xA5 for code in data) if draw(st.booleans()) else data
    written = {"base64": base64.b64encode, "base32": base64.b32encode, "hex": base64.b16encode}[name](data)
    noise = draw(st.text("ABCDEFGHabcdefgh0123456789+/-_.!", max_size=12)).encode()
    return (noise + written.rstrip(b"=")).ljust(8, b"A")


@pytest.mark.parametrize("name", ["base32", "hex"])
@given(data=st.data())
def test_both_sieves_keep_the_same_tokens(both_ways: Ways, name: str, data: st.DataObject) -> None:
    tokens, packing = data.draw(st.lists(_token(name), min_size=6, max_size=12)), _KINDS[name]
    compiled, plain = both_ways(lambda: sifted(tokens, packing))
    assert compiled == plain


@given(
    tokens=st.lists(
        _token("base64").map(lambda token: token.translate(None, b".!=")).filter(lambda token: len(token) > 7),
        min_size=13,
        max_size=16,
    )
)
def test_what_both_drop_of_base64_gives_nothing(both_ways: Ways, tokens: list[bytes]) -> None:
    """They judge a token by different means: compiled functions look further into it."""
    for kept in both_ways(lambda: sifted(tokens, BASE64)):
        for token in set(tokens) - set(kept):
            pieces = Pieces()
            _plainly([token], frozenset(), pieces)
            assert not [step for step, _ in pieces.found() if step in ("base64", "lzstring")], token


@pytest.mark.parametrize(("packing", "encode"), [(BASE64, base64.b64encode), (BASE32, base64.b32encode)])
def test_a_value_stays_and_noise_goes(both_ways: Ways, packing: Packing, encode: Callable[[bytes], bytes]) -> None:
    value = encode(b"Rosalind Quintero").rstrip(b"=")
    noise = encode(bytes(range(130, 170)) + bytes(range(60))).rstrip(b"=")[3:]
    compiled, _ = both_ways(lambda: sifted([value, noise[:24]], packing))
    assert value in compiled


@pytest.mark.parametrize(
    ("packing", "encode"), [(BASE64, base64.b64encode), (BASE32, base64.b32encode), (HEX, base64.b16encode)]
)
def test_wide_text_without_three_plain_letters_in_a_row_stays(
    both_ways: Ways, packing: Packing, encode: Callable[[bytes], bytes]
) -> None:
    token = encode("00é01ñ23".encode("utf-16-le")).rstrip(b"=")
    assert both_ways(lambda: sifted([token], packing)) == ([token], [token])
