"""What the sieve takes out of many tokens gives nothing when it is read one by one."""

import base64
import bz2
import gzip
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
from scenarios.leaks.decode.sieve import BASE32, BASE64, HEX, Packing, sifted
from scenarios.leaks.decode.signals import signals


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
