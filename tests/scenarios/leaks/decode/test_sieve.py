"""What the sieve takes out of many tokens gives nothing when it is read one by one."""

import base64
import bz2
import contextlib
import gzip
import itertools
import random
import zlib
from collections.abc import Callable, Sequence

import brotli
import lz4.frame
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.leaks.decode import guesses
from scenarios.leaks.decode.guesses import guessed
from scenarios.leaks.decode.layers import Limits, decode
from scenarios.leaks.decode.sieve import BASE32, BASE64, HEX, Packing, sifted
from scenarios.leaks.decode.signals import signals
from tests.scenarios.leaks.decode.conftest import Ways


def _unfinished(data: bytes) -> bytes:
    """Return raw deflate whose block is not marked as the last one, as a WebSocket message has it (RFC 7692)."""
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(data) + packing.flush(zlib.Z_SYNC_FLUSH)[:-4]


PACK: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "UTF-16": lambda data: data.decode().encode("utf-16-le"),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "deflate": lambda data: zlib.compress(data, wbits=-15),
    "bzip2": bz2.compress,
    "deflate of a connection that stays open": _unfinished,
    "brotli": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
}
# What is packed twice, and charsets of which nothing but the charset's own letters tells.
TWICE: dict[str, Callable[[bytes], bytes]] = {
    "EBCDIC": lambda data: data.decode().encode("cp037"),
    "UTF-32": lambda data: data.decode().encode("utf-32-be"),
    "deflate of EBCDIC": lambda data: zlib.compress(data.decode().encode("cp037"), wbits=-15),
    "deflate of zlib": lambda data: zlib.compress(zlib.compress(data), wbits=-15),
    "deflate of brotli": lambda data: zlib.compress(brotli.compress(data), wbits=-15),
    "brotli of deflate": lambda data: brotli.compress(zlib.compress(data, wbits=-15)),
    "EBCDIC of base64": lambda data: base64.b64encode(data).decode().encode("cp037"),
}
BEFORE = (b"", b"x", b"xy", b"xyz", b"clips/", b"a/b/c+")  # which a token's own symbols may be, too
NAMED = ("Rosalind Quintero", "4111111111111111", "Šárka Dvořáková", "AQ7K2M9PX3W5ZT")
WRITE: dict[str, tuple[Callable[[bytes], bytes], Packing]] = {
    "base64": (lambda data: base64.b64encode(data).rstrip(b"="), BASE64),
    "URL": (lambda data: base64.urlsafe_b64encode(data).rstrip(b"="), BASE64),
    "base32": (lambda data: base64.b32encode(data).rstrip(b"="), BASE32),
    "hex": (lambda data: data.hex().encode(), HEX),
}
# Few different letters pack into fewer bytes than the search opens.
_VALUES = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789 .,@+éüñ", min_size=8, max_size=40).filter(
    lambda value: len(set(value)) > 5
)


def others(seed: int, count: int = 20) -> list[bytes]:
    rng = random.Random(seed)
    return [base64.b64encode(rng.randbytes(rng.randint(9, 40))).rstrip(b"=") for _ in range(count)]


@pytest.mark.parametrize("writing", WRITE)
@pytest.mark.parametrize("packing", PACK)
@given(value=_VALUES, seed=st.integers(0, 1_000))
@example(value="00é01ñ23", seed=0)
def test_a_token_that_holds_a_value_stays(packing: str, writing: str, value: str, seed: int) -> None:
    write, kind = WRITE[writing]
    token = write(PACK[packing](value.encode()))
    assert token in sifted([*others(seed), token], kind)


def is_read(value: str, tokens: Sequence[bytes]) -> bool:
    """Whether the value stands in anything that is read of the tokens, which stand between words."""
    data = b"note: " + b" ".join(tokens) + b" end"
    marks = signals().present(data) | {"base64", "hex", "base32"}
    return any(value.encode() in piece for _step, piece in guessed(data, frozenset(marks), set()))


def is_opened(value: str, tokens: Sequence[bytes]) -> bool:
    """Whether the value stands in any layer of a text of these tokens."""
    return any(value in layer.text for layer in decode(b"note: " + b" ".join(tokens) + b" end", Limits()).layers)


@pytest.mark.parametrize("packing", [*PACK, *TWICE])
def test_what_is_read_of_few_tokens_is_read_of_many(both_ways: Ways, packing: str) -> None:
    """Whatever stands before the value in its token: a path, say, in base64's own symbols."""
    pack, of_few = (PACK | TWICE)[packing], dict[bytes, str]()
    for value, before, writing in itertools.product(NAMED, BEFORE, ("base64", "URL")):
        with contextlib.suppress(UnicodeEncodeError):  # a letter that EBCDIC has not
            token = before + WRITE[writing][0](pack(value.encode()))
            of_few |= {token: value} if is_opened(value, [token]) else {}
    assert len(of_few) > len(BEFORE)

    def lost() -> list[bytes]:
        return [token for token, value in of_few.items() if not is_opened(value, [*others(3), token, *others(4)])]

    assert both_ways(lost) == ([], [])


@given(
    tokens=st.lists(st.binary(min_size=8, max_size=32), min_size=20, max_size=30),
    value=_VALUES,
    writing=st.sampled_from(sorted(WRITE)),
)
def test_a_value_is_read_with_it_as_without_it(tokens: list[bytes], value: str, writing: str) -> None:
    write = WRITE[writing][0]
    texts = [*map(write, tokens), write(value.encode())]
    with_it = is_read(value, texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guesses, "sifted", lambda tokens, _packing: list(tokens))
        without = is_read(value, texts)
    assert with_it is without
