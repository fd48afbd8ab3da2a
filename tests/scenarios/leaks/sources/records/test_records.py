"""Rows and values of every kind, planted by another library than the one that reads."""

import gzip
import io
import json
import math
import pickle
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars
import pyarrow
import pyarrow.orc
import pytest
from google.protobuf import struct_pb2
from polars.dataframe.frame import DataFrame

from tests.scenarios.leaks.sources.conftest import CLEAN, FIELDS, ROW

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads its own version in an old way
    from kafka.record import MemoryRecordsBuilder

EXAMPLES = Path(__file__).parent.parent / "examples"
PLACE = {*FIELDS, "home.latitude"}


def frame(row: dict[str, str | float]) -> DataFrame:
    return polars.DataFrame([CLEAN] * 300 + [row])


def written(write: Callable[..., Any], **options: str) -> bytes:
    made = io.BytesIO()
    write(made, **options)
    return made.getvalue()


def orc(row: dict[str, str | float]) -> bytes:
    made = io.BytesIO()
    pyarrow.orc.write_table(pyarrow.Table.from_pylist([CLEAN, row]), made, compression="zlib")
    return made.getvalue()


def bson(row: dict[str, str | float]) -> bytes:
    items = b""
    for key, value in row.items():
        if isinstance(value, str):
            data = value.encode() + b"\x00"
            items += b"\x02" + key.encode() + b"\x00" + struct.pack("<i", len(data)) + data
        else:
            items += b"\x01" + key.encode() + b"\x00" + struct.pack("<d", value)
    return struct.pack("<i", len(items) + 5) + items + b"\x00"


def cbor(row: dict[str, str | float]) -> bytes:
    out = bytes([0xA0 + len(row)])
    for key, value in row.items():
        out += bytes([0x60 + len(key)]) + key.encode()
        if isinstance(value, str):
            out += bytes([0x78, len(value)]) + value.encode()
        else:
            out += b"\xfb" + struct.pack(">d", value)
    return out


def protobuf(row: dict[str, str | float]) -> bytes:
    message = struct_pb2.Struct()
    message.update(row)
    return message.SerializeToString()


def npz(row: dict[str, str | float]) -> bytes:
    made = io.BytesIO()
    np.savez_compressed(made, a=np.array([json.dumps(row)]), b=np.array([[row["lat"], row["lon"]]]))
    return made.getvalue()


def kafka(row: dict[str, str | float], codec: int = 0) -> bytes:
    builder = MemoryRecordsBuilder(magic=2, compression_type=codec, batch_size=1_000_000)
    for offset in range(20):
        builder.append(timestamp=offset, key=b"k", value=json.dumps(row if offset == 13 else CLEAN).encode())
    builder.close()
    return bytes(builder.buffer())


MADE: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "parquet": lambda row: written(frame(row).write_parquet, compression="zstd"),
    "arrow": lambda row: written(frame(row).write_ipc, compression="lz4"),
    "arrow stream": lambda row: written(frame(row).write_ipc_stream, compression="zstd"),
    "avro null": lambda row: written(frame(row).write_avro),
    "avro deflate": lambda row: written(frame(row).write_avro, compression="deflate"),
    "avro snappy": lambda row: written(frame(row).write_avro, compression="snappy"),
    "orc": orc,
    "msgpack": msgspec.msgpack.encode,
    "cbor": cbor,
    "bson": bson,
    "protobuf": protobuf,
    "zip npy": npz,
    "pickle": lambda row: pickle.dumps([CLEAN, row]),
    "pickle 0": lambda row: pickle.dumps([CLEAN, row], protocol=0),
    "pickle 1": lambda row: pickle.dumps([CLEAN, row], protocol=1),
    "kafka": kafka,
    "kafka gzip": lambda row: kafka(row, 1),
    "kafka lz4": lambda row: kafka(row, 3),
    "kafka zstd": lambda row: kafka(row, 4),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_row_is_found_and_clean_ones_pass(seen: Callable[..., Any], kind: str) -> None:
    planted = seen(MADE[kind](ROW))
    assert planted.fields >= PLACE
    assert planted.unread == []
    assert any(how.startswith(kind.split()[0]) for how in planted.how)
    clean = seen(MADE[kind](CLEAN))
    assert (clean.fields, clean.unread) == (set(), [])


@pytest.mark.parametrize(("name", "kind"), [("pg_dump_custom.dump", "pg_dump"), ("git_pack.pack", "git pack")])
def test_files_of_other_programs(seen: Callable[..., Any], name: str, kind: str) -> None:
    found = seen(EXAMPLES / name)
    assert {"members.name"} <= found.fields
    assert any(how.startswith(kind) for how in found.how)
    assert found.unread == []


def test_an_array_of_objects_is_read_as_the_pickle_it_is(seen: Callable[..., Any]) -> None:
    made = io.BytesIO()
    np.save(made, np.array([ROW], dtype=object), allow_pickle=True)
    assert seen(made.getvalue()).fields >= FIELDS


def test_a_pickle_is_not_executed(seen: Callable[..., Any], tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
            return (open, (str(tmp_path / "made"), "w"))

    seen(pickle.dumps([Bad(), ROW]))
    assert not (tmp_path / "made").exists()


def lzf(data: bytes) -> bytes:
    """Literals alone, then a run of what was just written: the smallest packing there is."""
    assert len(data) <= 32
    return bytes([len(data) - 1]) + data + bytes([(7 << 5), 20, 0])


def test_packed_strings_of_redis(seen: Callable[..., Any]) -> None:
    text = str(ROW["mail"]).encode() + b" "
    packed = lzf(text)
    length = len(text) + 29
    dump = b"REDIS0009\x00\x01a\xc3" + bytes([len(packed), length]) + packed + b"\xff"
    assert seen(dump).fields == {"members.emails"}


def test_a_journal(seen: Callable[..., Any]) -> None:
    def data_object(payload: bytes, flags: int) -> bytes:
        whole = struct.pack("<BB6xQ48x", 1, flags, 64 + len(payload)) + payload
        return whole + bytes(-len(whole) % 8)

    import lz4.block

    text = b"MESSAGE=" + str(ROW["mail"]).encode() + b" " * 500
    header = bytearray(b"LPKSHHRH".ljust(256, b"\x00"))
    struct.pack_into("<Q", header, 88, 256)
    packed = lz4.block.compress(text, store_size=False)
    journal = bytes(header) + data_object(b"A=b", 0) + data_object(struct.pack("<Q", len(text)) + packed, 2)
    assert seen(journal).fields == {"members.emails"}


def test_a_leveldb_table(seen: Callable[..., Any], tmp_path: Path) -> None:
    plyvel = pytest.importorskip("plyvel")
    database = plyvel.DB(str(tmp_path / "db"), create_if_missing=True, compression="snappy")
    for at in range(200):
        database.put(f"user{at}".encode(), json.dumps(ROW if at == 77 else CLEAN).encode())
    database.compact_range()
    database.close()
    (table,) = (tmp_path / "db").glob("*.ldb")
    found = seen(table)
    assert found.fields >= FIELDS
    assert any(how.startswith("leveldb") for how in found.how)


def test_random_bytes_are_no_values(seen: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        found = seen(rng.bytes(200))
        assert (found.fields, {kind for kind, _ in found.unread} <= {"unknown"}) == (set(), True)
    assert math.isfinite(1)


def test_a_value_in_an_archive_in_a_column(seen: Callable[..., Any]) -> None:
    row = {"id": 1, "body": gzip.compress(json.dumps(ROW).encode() * 30)}
    made = io.BytesIO()
    polars.DataFrame([row]).write_parquet(made)
    assert seen(made.getvalue()).fields >= FIELDS
