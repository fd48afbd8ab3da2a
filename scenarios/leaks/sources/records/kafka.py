"""Kafka's log segments -> keys, values and headers of every record, whatever their compression."""

import struct
import zlib
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Reader
from scenarios.leaks.sources.reader.rows import pieces_of_values

_MOST = 1024 * 1024 * 1024
_OFFSETS = 2**48  # no topic has had so many records; marks of other kinds say more
_BATCH = struct.Struct(">qiibIhiqqqhii")  # record batch, format 2 (Kafka protocol guide, "Record Batch")
_XERIAL = b"\x82SNAPPY\x00"
_OPENED = 256 * 1024 * 1024


def _is_segment(content: Content) -> bool:
    if len(content.head) < _BATCH.size:
        return False
    offset, length, _, magic, _, attributes, last, began, ended, *_, count = _BATCH.unpack_from(content.head)
    fits = 0 <= offset < _OFFSETS and length >= 49 and 0 <= attributes < 128 and last + 1 >= count > 0
    return bool(magic == 2 and fits and began <= ended)


def _read(content: Content) -> Found:
    yield from pieces_of_values(_values(content.whole(_MOST)))


def _values(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + _BATCH.size <= len(data):
        batch = _BATCH.unpack_from(data, at)
        length, magic, attributes, count = batch[1], batch[3], batch[5], batch[12]
        if magic != 2 or length < 49:
            if not any(data[at:]):
                return  # room the broker keeps for what is to come
            raise ValueError("no record batch")
        records = _unpacked(data[at + _BATCH.size : at + 12 + length], attributes & 7)
        yield from _records(records, count)
        at += 12 + length


def _unpacked(data: bytes, codec: int) -> bytes:
    if codec == 0:
        return data
    if codec == 1:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _OPENED)
    import cramjam

    if codec == 2:
        return _snappy(data)
    return bytes((cramjam.lz4 if codec == 3 else cramjam.zstd).decompress(data))


def _snappy(data: bytes) -> bytes:
    """Unpacks bare Snappy, or the blocks that Java clients put around it."""
    import cramjam

    if not data.startswith(_XERIAL):
        return bytes(cramjam.snappy.decompress_raw(data))
    at, out = 16, bytearray()
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        out += bytes(cramjam.snappy.decompress_raw(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return bytes(out)


def _records(data: bytes, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        length, at = _zigzag(data, at)
        end, place = at + length, at + 1
        for _delta in range(2):
            _, place = _zigzag(data, place)
        for _part in range(2):
            value, place = _sized(data, place)
            if value:
                yield value
        headers, place = _zigzag(data, place)
        for _header in range(headers * 2):
            value, place = _sized(data, place)
            if value:
                yield value
        at = end


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _zigzag(data, at)
    return (data[at : at + size], at + size) if size > 0 else (b"", at)


def _zigzag(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


KAFKA = Reader(kind="kafka", knows=_is_segment, read=_read, needs=("cramjam",))
