"""Alphabets without a mark, and compressions: planted by the standard library, read by the detector's own code."""

import base64
import bz2
import codecs
import io
import lzma
import random
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest

from scenarios.leaks.decode.guesses import guessed
from scenarios.leaks.decode.layers import Limits, decode
from scenarios.leaks.decode.packed.marked import members
from scenarios.leaks.decode.packed.marks import plausible
from scenarios.leaks.decode.packed.unmarked import unmarked
from scenarios.leaks.decode.signals import ALL

VALUE = "Rosalind Quint, 4 Elm Street"
DATA = VALUE.encode()


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/notes.txt", data)
    return archive.getvalue()


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def rot13(data: bytes) -> bytes:
    return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")


TEXT: dict[str, Callable[[bytes], bytes]] = {
    "base32": base64.b32encode,
    "base32 lower, unpadded": lambda data: base64.b32encode(data).lower().rstrip(b"="),
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
    "ascii85 framed": lambda data: base64.a85encode(data, adobe=True),
    "quoted-printable": lambda data: "".join(f"={byte:02X}" for byte in data).encode(),
    "mime": lambda data: codecs.encode(data * 4, "base64"),
    "base64 reversed": lambda data: base64.b64encode(data)[::-1],
    "base64 rot13": lambda data: rot13(base64.b64encode(data)),
    "hex rot13": lambda data: rot13(data.hex().encode()),
    "hex reversed": lambda data: data.hex().encode()[::-1],
    "percent reversed": lambda data: "".join(f"%{byte:02X}" for byte in data).encode()[::-1],
}
BINARY = {
    "zip": zipped, "deflate": deflated, "brotli": brotli.compress, "bzip2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


def read(data: bytes) -> bool:
    return any(VALUE in layer.text for layer in decode(data, Limits()).layers)


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("around", [(b"", b""), (b'{"x": "', b'"}'), (b"id_", b" and more")])
def test_each_alphabet_is_read(name: str, around: tuple[bytes, bytes]) -> None:
    assert read(around[0] + TEXT[name](DATA) + around[1])


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("wrap", [bytes, base64.b64encode, lambda d: d.hex().encode(), base64.b32encode])
def test_each_compression_is_opened(name: str, wrap: type[Any] | Callable[..., Any]) -> None:
    assert read(wrap(BINARY[name](DATA)))


def test_a_prefix_of_the_same_alphabet_shifts_nothing() -> None:
    for size in range(8):
        assert read(b"A" * size + base64.b32encode(DATA))
        assert read(b"A" * size + base64.b85encode(DATA))


def test_a_truncated_archive_gives_what_it_has() -> None:
    whole = zipped((VALUE + " ").encode() * 3_000 + random.Random(1).randbytes(30_000))
    assert read(whole[: len(whole) // 2])


@pytest.mark.parametrize("name", BINARY)
def test_a_bomb_is_opened_up_to_the_bound(name: str) -> None:
    bomb = BINARY[name](VALUE.encode() + b" " * 20_000_000)
    out = [*members(bomb, 100_000), *unmarked(bomb, 100_000)]
    assert out
    assert max(len(data) for _, data in out) <= 100_001


def test_noise_and_ordinary_text_give_next_to_nothing() -> None:
    rng = random.Random(3)
    ids = " ".join(f"{rng.getrandbits(128):032x}" for _ in range(200))
    words = "Turn on the lights, then tell somebody in Ashland, Oregon: it is 5 o'clock. " * 20
    assert not [piece for piece in guessed(words.encode(), ALL, set()) if b"Quint" in piece[1]]
    assert sum(len(piece) for _, piece in guessed(ids.encode(), ALL, set())) <= 4_000  # short pieces read by chance
    assert sum(plausible(rng.randbytes(16)) for _ in range(2_000)) <= 2
