"""Every block of fixed codes that gives text is told; nearly no noise is."""

import random
import zlib

import numpy as np
import pytest

pytest.importorskip("numba")

from scenarios.leaks.decode.kernels.inflating import inflates


def _told(data: bytes) -> bool:
    codes = np.zeros(len(data) + 24, np.uint8)
    codes[: len(data)] = np.frombuffer(data, np.uint8)
    return bool(inflates(codes, len(data), np.zeros(16, np.uint8)))


def _fixed(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FIXED)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    "data",
    [
        b"Rosalind Quintero",
        b"aaaaaaaaaaaaaaaaaaaa",
        b"abababababababababab",
        b"555-0187",
        "Zoë Brontë".encode(),
        "名前は山田太郎".encode(),
        "Anna Bell".encode("utf-16-le"),
        "ANNA BELL".encode("cp037"),
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(20),
    ],
)
def test_what_says_something_is_told(data: bytes) -> None:
    assert _told(_fixed(data))
    assert _told(zlib.compress(data, 0)[2:-4])


def test_dynamic_codes_are_told() -> None:
    data = " ".join(str(number) for number in random.Random(1).choices(range(9_999), k=400)).encode()
    stream = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY)
    packed = stream.compress(data) + stream.flush()
    assert packed[0] >> 1 & 3 == 2
    assert _told(packed)


def test_noise_is_hardly_told() -> None:
    rng = random.Random(2)
    assert sum(_told(rng.randbytes(20)) for _ in range(5_000)) < 100


def test_a_control_character_is_no_text() -> None:
    assert not _told(_fixed(b"\x02\x03\x06\x0e\x0fabcdef"))
