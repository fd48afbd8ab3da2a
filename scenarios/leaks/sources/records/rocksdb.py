"""Reads keys and values of RocksDB tables (.sst) and of the logs of LevelDB and RocksDB (.log).

A table is a row of blocks with an index behind them. Its last bytes say where both are (RocksDB, format.cc). A log is
made of blocks of 32 KB. A record that does not fit goes on in the next block (log_format.md).
"""

import bz2
import zlib
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Reader
from scenarios.leaks.sources.reader.rows import pieces_of_values
from scenarios.leaks.sources.records.stores import pairs_of, varint

_MOST = 1024 * 1024 * 1024
_MARK = bytes.fromhex("f7cff485b741e288")  # the last bytes of a block-based table
_FOOTER = 53
_TRAILER = 5  # kind of compression and checksum behind each block
_TWO_LEVELS = 2  # kind of index whose entries are indexes themselves
_BLOCK, _HEADER = 32 * 1024, 7
_FULL, _LAST = 1, 4
_BATCH = 12  # bytes before the first change: a sequence number, and how many changes there are
_CHANGES = {0: (False, 1), 1: (False, 2), 2: (False, 2), 4: (True, 1), 5: (True, 2), 6: (True, 2)}  # family, strings
_RECYCLED = 4  # from here on the same kinds in files that are used again, with a longer header


def _is_table(content: Content) -> bool:
    if content.size < _FOOTER:
        return False
    with content.open() as file:
        file.seek(-8, 2)
        return file.read() == _MARK


def _table(content: Content) -> Found:
    yield from pieces_of_values(_entries(content.whole(_MOST)))


def _entries(data: bytes) -> Iterator[bytes]:
    footer = data[-_FOOTER:]
    version = int.from_bytes(footer[-12:-8], "little")
    if version >= 6:
        size = int.from_bytes(footer[13:17], "little")
        about = dict(pairs_of(_unpacked(data, len(data) - _FOOTER - _TRAILER - size, size, version)))
        index = _handle(about[b"rocksdb.index"])
    else:
        start, at = varint(footer, 1)
        size, at = varint(footer, at)
        about = dict(pairs_of(_unpacked(data, start, size, version)))
        index = _handle(footer[at:])
    told = dict(pairs_of(_unpacked(data, *_handle(about[b"rocksdb.properties"]), version)))
    kind = int.from_bytes(told.get(b"rocksdb.block.based.table.index.type", b""), "little")
    blocks = _handles(_unpacked(data, *index, version), told)
    if kind == _TWO_LEVELS:
        blocks = [each for outer in blocks for each in _handles(_unpacked(data, *outer, version), told)]
    for block in blocks:
        for key, value in pairs_of(_unpacked(data, *block, version)):
            yield key[:-8]  # what follows is a sequence number
            if value:
                yield value


def _handle(data: bytes) -> tuple[int, int]:
    """(start, size) of a block."""
    start, at = varint(data, 0)
    size, _ = varint(data, at)
    return start, size


def _handles(index: bytes, told: dict[bytes, bytes]) -> list[tuple[int, int]]:
    """(start, size) of every block of an index. Newer tables hold only the difference between a block's size and the
    one before.
    """
    if not varint(told.get(b"rocksdb.index.value.is.delta.encoded", b"\0"), 0)[0]:
        return [_handle(value) for _, value in pairs_of(index)]
    found: list[tuple[int, int]] = []
    end, at = len(index) - 4 - 4 * int.from_bytes(index[-4:], "little"), 0
    while at < end:
        shared, at = varint(index, at)
        unshared, at = varint(index, at)
        at += unshared
        first, at = varint(index, at)
        if shared and found:
            start, size = found[-1]
            found.append((start + size + _TRAILER, size + (first >> 1 ^ -(first & 1))))
        else:
            size, at = varint(index, at)
            found.append((first, size))
    return found


def _unpacked(data: bytes, start: int, size: int, version: int) -> bytes:
    block, kind = data[start : start + size], data[start + size]
    if kind == 0:
        return block
    import cramjam

    if kind == 1:
        return bytes(cramjam.snappy.decompress_raw(block))
    length, at = varint(block, 0) if version >= 2 else (0, 0)
    block = block[at:]
    if kind == 2:
        return zlib.decompress(block, -15)
    if kind == 3:
        return bz2.decompress(block)
    if kind in (4, 5):
        import lz4.block

        packed, length = (block, length) if version >= 2 else (block[8:], int.from_bytes(block[:8], "little"))
        unpacked: bytes = lz4.block.decompress(packed, length)
        return unpacked
    if kind == 7:
        return bytes(cramjam.zstd.decompress(block))
    raise ValueError(f"blocks packed in a way that is not known: {kind}")


def _is_log(content: Content) -> bool:
    """Whether it is a log, which has no mark. Length and kind of its first record fit, and those of the next too."""
    at, seen, head = 0, 0, content.head[:_BLOCK]
    while at + _HEADER + _BATCH < len(head) and seen < 3:
        size, kind, header = _record(head, at)
        if not size or not 1 <= kind <= 8 or at + header + size > _BLOCK or (not seen and kind not in (1, 2, 5, 6)):
            return False
        at, seen = at + header + size, seen + 1
    if not seen:
        return False
    first = head[_record(head, 0)[2] :]
    return 0 < int.from_bytes(first[8:_BATCH], "little") < 2**20 and first[_BATCH] in _CHANGES


def _record(data: bytes, at: int) -> tuple[int, int, int]:
    """(length, kind, bytes of the header)."""
    size, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
    return size, kind, _HEADER + 4 * (kind > _RECYCLED)


def _log(content: Content) -> Found:
    yield from pieces_of_values(value for batch in _batches(content) for value in _changes(batch))


def _batches(content: Content) -> Iterator[bytes]:
    """Joins the parts of records."""
    parts: list[bytes] = []
    for block in content.pieces(_BLOCK):
        at = 0
        while at + _HEADER <= len(block):
            size, kind, header = _record(block, at)
            if not kind:
                break
            parts.append(block[at + header : at + header + size])
            at += header + size
            if (kind - 1) % 4 + 1 in (_FULL, _LAST):
                yield b"".join(parts)
                parts = []
    if parts:
        yield b"".join(parts)


def _changes(batch: bytes) -> Iterator[bytes]:
    """Keys and values of a batch. From an unknown kind of change on, the rest comes as it is."""
    at = _BATCH
    while at < len(batch):
        begin, kind = at, batch[at]
        if kind not in _CHANGES:
            yield batch[begin:]
            return
        at += 1
        try:
            if _CHANGES[kind][0]:
                _, at = varint(batch, at)
            for _ in range(_CHANGES[kind][1]):
                size, at = varint(batch, at)
                if size:
                    yield batch[at : at + size]
                at += size
        except IndexError:
            yield batch[begin:]
            return


ROCKSDB = Reader(kind="rocksdb", knows=_is_table, read=_table, needs=("cramjam", "lz4"))
DATABASE_LOG = Reader(kind="database log", knows=_is_log, read=_log)
