"""What the compiled look at the places of a base64 token leaves out, nothing would have been kept of."""

import base64
import random
import zlib
from functools import partial

import brotli
import pytest

from scenarios.leaks.decode import guesses
from scenarios.leaks.decode.packed.marks import plausible
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.sieve import framed, reading
from tests.scenarios.leaks.decode.conftest import Ways

_VALUES = [
    b"Rosalind Quintero",
    b"+15415550187",
    "Zoë Brontë".encode(),
    "Zoë Brontë".encode("latin-1"),
    "Anna Bell".encode("utf-16-le"),
    "ANNA BELL 12 MAIN".encode("cp037"),
    b"4539578763621486",
]
_BEFORE = [b"", b"x", b"xY", b"xY9", b"path/", b"a/b+"]


def _flushed(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


_PACKINGS = {
    "nothing": bytes,
    "zlib": zlib.compress,
    "deflate": lambda data: zlib.compress(data)[2:-4],
    "deflate that goes on": _flushed,
    "deflate twice": lambda data: zlib.compress(zlib.compress(data)[2:-4])[2:-4],
    "brotli": brotli.compress,
    "key": lambda data: bytes(code ^ 0xA5 for code in data),
}


@pytest.mark.parametrize("packing", _PACKINGS)
def test_every_value_has_its_place(both_ways: Ways, packing: str) -> None:
    for value in _VALUES:
        written = base64.b64encode(_PACKINGS[packing](value)).rstrip(b"=")
        tokens = [before + written for before in _BEFORE]
        told, _ = both_ways(partial(framed, tokens))
        for token, places in zip(tokens, told, strict=True):
            chosen, every = guesses.Pieces(), guesses.Pieces()
            kept = [frame for frame in guesses._frames(token, chosen, places) if chosen.add("base64", frame)]
            all_of_it = [frame for frame in guesses._frames(token, every, -1) if every.add("base64", frame)]
            if packing != "deflate twice" or value.isascii():
                assert kept == all_of_it, (token, places)
                assert list(chosen.found()) == list(every.found())


def test_offsets_that_read_are_told(both_ways: Ways) -> None:
    rng = random.Random(4)
    tokens = [
        base64.b64encode(rng.choice(_VALUES[:3]) if rng.random() < 0.3 else rng.randbytes(rng.randrange(6, 40)))
        for _ in range(400)
    ]
    tokens = [rng.choice(_BEFORE) + token.rstrip(b"=") for token in tokens]
    told, plain = both_ways(lambda: reading(tokens))
    assert list(plain) == [-1] * len(tokens)
    for token, places in zip(tokens, told, strict=True):
        for offset in range(4):
            piece = guesses.decoded(token[offset:])
            if plausible(piece) or (piece.isascii() and opens(piece)):
                assert places >> offset & 1, (token, offset)


def test_noise_has_few_places(both_ways: Ways) -> None:
    rng = random.Random(4)
    tokens = [base64.b64encode(rng.randbytes(24)) for _ in range(1_000)]
    told, _ = both_ways(lambda: framed(tokens))
    assert sum((places & 0x3FF).bit_count() for places in told) < 0.1 * 4 * len(tokens)


def test_a_long_token_is_always_looked_at(both_ways: Ways) -> None:
    told, _ = both_ways(lambda: framed([b"A" * 9_000]))
    assert told[0] & 0x3FF == 0x3FF
