"""Tables written by RocksDB itself (package rocksdict), and logs laid out as log_format.md says."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.leaks.sources.conftest import CLEAN, FIELDS, ROW

EXAMPLES = Path(__file__).parent.parent / "examples"
PLACE = {*FIELDS, "home.latitude"}


def log(values: list[bytes]) -> bytes:
    """One batch a value, cut where a block of 32 KB ends."""
    out = bytearray()
    for at, value in enumerate(values):
        size = bytes([len(value) & 127 | 128, len(value) >> 7 & 127 | 128, len(value) >> 14])
        batch, first = struct.pack("<QI", at, 1) + b"\x01\x03key" + size + value, True
        while batch or first:
            room = 32768 - len(out) % 32768
            if room < 7:
                out += bytes(room)
                continue
            piece, batch = batch[: room - 7], batch[room - 7 :]
            kind = (1 if first else 4) if not batch else (2 if first else 3)
            out += struct.pack("<IHB", 0, len(piece), kind) + piece
            first = False
    return bytes(out)


@pytest.mark.parametrize("name", ["rocksdb_lz4.sst", "rocksdb_zlib.sst", "rocksdb_bz2.sst"])
def test_a_row_of_a_table_is_found(seen: Callable[..., Any], name: str) -> None:
    """The newest form of its footer, an index of two levels, and an old form."""
    found = seen(EXAMPLES / name)
    assert found.fields >= PLACE
    assert any(how.startswith("rocksdb") for how in found.how)
    assert found.unread == []


def test_a_damaged_table_is_said_to_be_damaged(seen: Callable[..., Any]) -> None:
    data = bytearray((EXAMPLES / "rocksdb_lz4.sst").read_bytes())
    data[-53:-12] = b"\xff" * 41
    assert ("rocksdb", "damaged") in seen(bytes(data)).unread


def test_a_value_over_the_end_of_a_block_is_found(seen: Callable[..., Any]) -> None:
    def made(row: dict[str, Any]) -> bytes:
        text = json.dumps({"filler": "a" * 32_600, **row}).encode()
        return log([json.dumps(CLEAN).encode(), text])

    found = seen(made(ROW))
    assert found.fields >= PLACE
    assert any(how.startswith("database log") for how in found.how)
    clean = seen(made(CLEAN))
    assert (clean.fields, clean.unread) == (set(), [])
