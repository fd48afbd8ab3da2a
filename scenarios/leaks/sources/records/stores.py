"""Files of key-value stores and of the system's journal: LevelDB tables, Redis dumps, journald -> their values."""

import lzma
import struct
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_values

_MOST = 1024 * 1024 * 1024
_TABLE = bytes.fromhex("57fb808b247547db")  # the last bytes of a table (LevelDB, table_format.md)
_FOOTER = 48


def _is_table(content: Content) -> bool:
    if content.size < _FOOTER:
        return False
    with content.open() as file:
        file.seek(-8, 2)
        return file.read() == _TABLE


def _leveldb(content: Content) -> Found:
    yield from pieces_of_values(_entries(content.whole(_MOST)))


def _entries(data: bytes) -> Iterator[bytes]:
    footer = data[-_FOOTER:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    start, at = varint(footer, at)
    size, at = varint(footer, at)
    for _, handle in pairs_of(_block(data, start, size)):
        offset, at = varint(handle, 0)
        length, at = varint(handle, at)
        for key, value in pairs_of(_block(data, offset, length)):
            yield key[:-8]  # what follows is a sequence number
            if value:
                yield value


def _block(data: bytes, start: int, size: int) -> bytes:
    block, kind = data[start : start + size], data[start + size]
    if kind == 0:
        return block
    import cramjam

    return bytes(cramjam.snappy.decompress_raw(block) if kind == 1 else cramjam.zstd.decompress(block))


def pairs_of(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values. A key may share its beginning with the one before."""
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end, at, key = len(block) - 4 - 4 * restarts, 0, b""
    while at < end:
        shared, at = varint(block, at)
        unshared, at = varint(block, at)
        size, at = varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + size]
        at += size


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _redis(content: Content) -> Found:
    """Strings packed with LZF, wherever one begins. It is one if it unpacks to exactly the length it says."""
    yield from pieces_of_values(_packed(content.whole(_MOST)))


def _packed(data: bytes) -> Iterator[bytes]:
    at = data.find(b"\xc3")
    while at >= 0:
        try:
            size, begin = _length(data, at + 1)
            length, begin = _length(data, begin)
            text = _lzf(data[begin : begin + size], length) if size < length <= 512 * 1024 * 1024 else b""
        except (IndexError, ValueError):
            text = b""
        if text:
            yield text
        at = data.find(b"\xc3", begin + size if text else at + 1)


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Redis' length encoding: 6, 14 or 32 bits (rdb.h)."""
    first = data[at]
    if first >> 6 == 0:
        return first & 63, at + 1
    if first >> 6 == 1:
        return (first & 63) << 8 | data[at + 1], at + 2
    if first == 0x80:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    raise ValueError("no length")


def _lzf(data: bytes, length: int) -> bytes:
    at, out = 0, bytearray()
    while at < len(data):
        control = data[at]
        at += 1
        if control < 32:
            out += data[at : at + control + 1]
            at += control + 1
            continue
        size = control >> 5
        if size == 7:
            size += data[at]
            at += 1
        back = len(out) - ((control & 31) << 8 | data[at]) - 1
        at += 1
        if back < 0 or len(out) > length:
            raise ValueError("not packed by LZF")
        for step in range(size + 2):
            out.append(out[back + step])
    return bytes(out) if len(out) == length else b""


def _journal(content: Content) -> Found:
    """Data objects (systemd, journal-def.h). A field that another program wrote is a line like `MESSAGE=...`."""
    yield from pieces_of_values(_fields(content.whole(_MOST)))


def _fields(data: bytes) -> Iterator[bytes]:
    compact = struct.unpack_from("<I", data, 12)[0] & 16
    at = struct.unpack_from("<Q", data, 88)[0]
    while at + 16 <= len(data):
        kind, flags, size = struct.unpack_from("<BB6xQ", data, at)
        if size < 16:
            return
        if kind == 1:
            payload = data[at + (72 if compact else 64) : at + size]
            yield _field(payload, flags)
        at += (size + 7) & ~7


def _field(payload: bytes, flags: int) -> bytes:
    if flags & 1:
        return lzma.decompress(payload)
    if not flags & 6:
        return payload
    import cramjam

    if flags & 4:
        return bytes(cramjam.zstd.decompress(payload))
    import lz4.block

    unpacked: bytes = lz4.block.decompress(payload[8:], int.from_bytes(payload[:8], "little"))
    return unpacked


LEVELDB = Reader(kind="leveldb", knows=_is_table, read=_leveldb, needs=("cramjam",))
REDIS = Reader(kind="redis", knows=begins(b"REDIS00"), read=_redis)
JOURNALD = Reader(kind="journald", knows=begins(b"LPKSHHRH"), read=_journal, needs=("cramjam", "lz4"))
