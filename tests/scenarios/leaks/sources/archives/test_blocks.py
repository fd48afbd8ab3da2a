"""Snappy and LZ4 blocks without framing: packed by other libraries or other bindings, found, and not seen in noise."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import cramjam
import lz4.block
import pytest

from scenarios.leaks.sources.archives.blocks import LZ4_BLOCK, LZ4_SIZED, SNAPPY_BLOCK, SNAPPY_HADOOP
from scenarios.leaks.sources.reader.content import Content
from tests.scenarios.leaks.sources.conftest import FIELDS, TEXT

PEOPLE = "".join(f"tami.lund{at}@example.net of 70{at} Jordan Road, Tami Lund\n" for at in range(90))
DATA = (PEOPLE + TEXT + PEOPLE[:2000]).encode()
CLEAN = (PEOPLE * 2).replace("ami", "om").encode()


def snappy(data: bytes) -> bytes:
    import pyarrow

    return pyarrow.compress(data, codec="snappy", asbytes=True)


def lz4_raw(data: bytes) -> bytes:
    import pyarrow

    return pyarrow.compress(data, codec="lz4_raw", asbytes=True)


def lz4_sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + lz4_raw(data)


def mozilla(data: bytes) -> bytes:
    return b"mozLz40\0" + lz4_sized(data)


def legacy(data: bytes) -> bytes:
    return b"\x02\x21\x4c\x18" + len(lz4_raw(data)).to_bytes(4, "little") + lz4_raw(data)


def hadoop(data: bytes) -> bytes:
    return struct.pack(">II", len(data), len(snappy(data))) + snappy(data)


def java(data: bytes) -> bytes:
    return b"\x82SNAPPY\0" + struct.pack(">III", 1, 1, len(snappy(data))) + snappy(data)


def pages(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("Index/Document.iwa", b"\0" + len(snappy(data)).to_bytes(3, "little") + snappy(data))
    return made.getvalue()


MADE = {each.__name__: each for each in (snappy, lz4_raw, lz4_sized, mozilla, legacy, hadoop, java, pages)}


@pytest.mark.parametrize("kind", MADE)
def test_found_in_each_form(seen: Callable[..., Any], kind: str) -> None:
    assert b"tami.lutz18@example.net" not in MADE[kind](DATA)  # it is packed, indeed
    found = seen(MADE[kind](DATA))
    assert (found.fields >= FIELDS, found.unread) == (True, [])
    clean = seen(MADE[kind](CLEAN))
    assert (clean.fields, clean.unread) == (set(), [])


@pytest.mark.parametrize("kind", ["mozilla", "legacy", "hadoop", "java"])
def test_a_cut_one_is_said(seen: Callable[..., Any], kind: str) -> None:
    assert seen(MADE[kind](DATA)[:-40]).unread


def test_chance_is_no_block() -> None:
    rng = random.Random(7)
    for _ in range(300):
        data = rng.randbytes(rng.randrange(16, 3_000))
        known = [r.kind for r in (SNAPPY_BLOCK, SNAPPY_HADOOP, LZ4_SIZED, LZ4_BLOCK) if r.knows(Content((data,)))]
        assert known == []


def test_both_bindings_agree() -> None:
    assert bytes(cramjam.snappy.decompress_raw(snappy(DATA))) == DATA
    assert lz4.block.decompress(lz4_sized(DATA)) == DATA
