"""Places where base45 and basE91 may begin are told the same with the compiled functions as without them."""

import random
import zlib
from collections.abc import Callable, Iterator

import brotli
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode import bases
from scenarios.leaks.decode.bases import base45, base91
from scenarios.leaks.decode.runs import runs_of
from scenarios.leaks.scorecard.encoders import TEXT
from tests.scenarios.leaks.decode.conftest import Ways

Writer = Callable[[bytes], bytes]
_VALUES = st.sampled_from(["Rosalind Quintero", "541-555-0187", "Ångström, Åsa"]) | st.text(max_size=20)


def _in_91(data: bytes) -> bytes:
    """Write basE91: 13 or 14 bits at a time, the least significant first, as two symbols."""
    symbols, held, bits, out = list(bases._B91), 0, 0, bytearray()
    for code in data:
        held |= code << bits
        bits += 8
        if bits > 13:
            value, used = (held & 8191, 13) if held & 8191 > 88 else (held & 16383, 14)
            held >>= used
            bits -= used
            out += bytes([symbols[value % 91], symbols[value // 91]])
    if bits:
        out += bytes([symbols[held % 91]]) + (bytes([symbols[held // 91]]) if bits > 7 or held > 90 else b"")
    return bytes(out)


@st.composite
def _text(draw: st.DrawFn, write: Writer) -> bytes:
    pieces = []
    for _ in range(draw(st.integers(1, 6))):
        value = draw(_VALUES).encode()
        packed = draw(
            st.sampled_from([value, brotli.compress(value), zlib.compress(value), value.decode().encode("utf-16")])
        )
        pieces.append(draw(st.sampled_from([b"", b"id=", b'"', b"a: ", b"x/y:", b">", b"==="])) + write(packed))
    return draw(st.sampled_from([b"\n", b'"', b"|"])).join(pieces)


@pytest.mark.parametrize(("read", "write"), [(base45, TEXT["base45"]), (base91, _in_91)], ids=["base45", "basE91"])
@pytest.mark.parametrize("padding", [0, 20_000], ids=["short", "long"])
@given(data=st.data())
def test_both_ways_give_the_same_pieces(
    both_ways: Ways, padding: int, read: Callable[[bytes], Iterator[bytes]], write: Writer, data: st.DataObject
) -> None:
    text = data.draw(_text(write)) + b"\n" * padding
    compiled, plain = both_ways(lambda: list(read(text)))
    assert compiled == plain


@pytest.mark.parametrize(
    "symbols", ["A" * 16 + " =:\n", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:\n", 'AAAABCZaz{19 =:"\n']
)
def test_both_ways_begin_at_the_same_places(both_ways: Ways, symbols: str) -> None:
    data = "".join(random.Random(3).choices(symbols, k=60_000)).encode()

    def ask() -> list[list[int]]:
        told = []
        for members, signs, begins in (
            (bases._B45_MEMBERS, bases._B45_BEGINS, bases._begins_45),
            (bases._B91_MEMBERS, bases._B91_BEGINS, bases._begins_91),
        ):
            found = runs_of(data, members, 9)
            for begin, end in bases._beginnings(found, signs, 40):
                told += [begin.tolist(), end.tolist(), np.flatnonzero(begins(found.codes, begin, end)).tolist()]
        return told

    compiled, plain = both_ways(ask)
    assert compiled == plain


def test_a_value_is_found_with_the_compiled_functions(both_ways: Ways) -> None:
    name = b"Rosalind Quintero"
    assert name in both_ways(lambda: list(base45(b"id=" + TEXT["base45"](name) + b"\n")))[0]
    assert name in both_ways(lambda: list(base91(b"id=" + _in_91(name) + b"\n")))[0]
    assert brotli.compress(name) in both_ways(lambda: list(base45(TEXT["base45"](brotli.compress(name)) + b"\n")))[0]
