"""Runs of 85 symbols give the same pieces with the compiled functions as without them."""

import base64
import gzip
import random
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.base85 import ALPHABETS, SYMBOLS
from scenarios.leaks.decode.runs import BULK
from tests.scenarios.leaks.decode.conftest import Ways

PACK: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "brotli": brotli.compress,
    "deflate": lambda data: zlib.compress(data, wbits=-15),
    "gzip": gzip.compress,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
}
NAME, NOTE = "Rosalind Quintero", "may.tarkington84@example.com and 541-555-0187"


@st.composite
def _run(draw: st.DrawFn, name: str) -> str:
    """Draw symbols, a value, a packed value, with something in front of it and cut anywhere."""
    value = draw(st.sampled_from([NAME, NOTE, "541-555-0187", "Ångström, Åsa"]) | st.text(max_size=20)).encode()
    encode = base64.a85encode if name == "ascii85" else base64.b85encode
    packed = draw(st.sampled_from([value, zlib.compress(value)[2:-4], gzip.compress(value), brotli.compress(value)]))
    symbols = draw(st.text(SYMBOLS[name], max_size=60) | st.just(encode(packed).decode()))
    before = draw(st.sampled_from(["", "", "id=", '"', ">", "[", "a=b=", "see:", "z"]) | st.text(SYMBOLS[name]))
    return before + symbols[: draw(st.integers(8, 100))]


@pytest.mark.parametrize("name", sorted(SYMBOLS))
@pytest.mark.parametrize("padding", [0, BULK], ids=["short", "long"])
@given(data=st.data())
def test_both_ways_give_the_same_pieces(both_ways: Ways, padding: int, name: str, data: st.DataObject) -> None:
    said = " ".join(data.draw(st.lists(_run(name), min_size=1, max_size=8))).encode() + b" " * padding
    compiled, plain = both_ways(lambda: list(ALPHABETS[name].pieces(said)))
    assert compiled == plain


@pytest.mark.parametrize("before", ["", "id=", 'x"'])
@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("name", ["ascii85", "base85"])
def test_what_is_packed_is_found_with_the_compiled_functions(
    both_ways: Ways, name: str, packing: str, before: str
) -> None:
    encode = base64.a85encode if name == "ascii85" else base64.b85encode
    token = encode(PACK[packing](NOTE.encode()))
    text = b"word " * BULK + before.encode() + token + b" end"
    compiled, plain = both_ways(lambda: list(ALPHABETS[name].pieces(text)))
    assert compiled == plain != []


def test_every_place_is_seen_alike(both_ways: Ways) -> None:
    rng = random.Random(8)
    for name, alphabet in ALPHABETS.items():
        symbols = (SYMBOLS[name] * 9 + "zz \n\x7f").encode()
        codes = np.frombuffer(bytes(rng.choices(symbols, k=9_000)) + b"\n" * 17, np.uint8)
        compiled, plain = both_ways(partial(alphabet._survey, codes))
        assert (compiled.valid == plain.valid).all()
        assert (compiled.groups == plain.groups).all()
        assert compiled.texty.tolist() == plain.texty.tolist()
        assert (compiled.starts.tolist(), compiled.marks.tolist()) == (plain.starts.tolist(), plain.marks.tolist())
        assert len(plain.starts)
