"""Reads Snappy and LZ4 without their framing formats: bare blocks, and the few bytes that other programs put before
them.

A bare block has no mark. It is taken for one if it unpacks to exactly the length it says, or ends at its own last byte.
"""

import struct
from collections.abc import Callable, Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins

_MOST = 256 * 1024 * 1024  # bytes of a packed block, and of what it gives
_LEAST = 16
_GROWTH = 256  # times: more is not made of one byte by either
_XERIAL, _MOZILLA, _LEGACY = b"\x82SNAPPY\x00", b"mozLz40\x00", b"\x02\x21\x4c\x18"
_XERIAL_HEAD = 16
_LEGACY_BLOCK = 8 * 1024 * 1024


def _is_snappy(content: Content) -> bool:
    """Whether the bytes begin with a length and a literal, and unpack to that length."""
    length, at = _length(content.head)
    if not at or not _LEAST <= content.size <= _MOST or not _LEAST <= length <= min(_MOST, _GROWTH * content.size):
        return False
    if content.head[at] & 3 or content.size > length + length // 6 + 32:
        return False
    try:
        return bool(_snappy(content.whole(_MOST)))
    except Exception:  # whatever the library says: not packed by it
        return False


def _length(head: bytes) -> tuple[int, int]:
    """The varint at the beginning, and where it ends. (0, 0) if there is none."""
    value = 0
    for at, byte in enumerate(head[:5]):
        value |= (byte & 127) << 7 * at
        if byte < 128 and at + 1 < len(head):
            return value, at + 1
    return 0, 0


def _snappy(block: bytes) -> bytes:
    import cramjam

    return bytes(cramjam.snappy.decompress_raw(block))


def _chunked_snappy(content: Content) -> bool:
    """Hadoop's layout: the unpacked length, then each packed chunk behind its own length. All are big-endian."""
    if content.size < _LEAST or content.head[0]:
        return False
    unpacked, packed = struct.unpack_from(">II", content.head)
    return (
        0 < packed <= content.size - 8
        and 0 < unpacked <= _MOST
        and _length(content.head[8:13])[0] == unpacked
        and not content.head[8 + _length(content.head[8:13])[1]] & 3
    )


def _chunks(data: bytes, begin: int, length: Callable[[bytes], int]) -> Iterator[bytes]:
    """The chunks, each of which stands behind four bytes with its length."""
    at = begin
    while at + 4 <= len(data):
        end = at + 4 + length(data[at : at + 4])
        yield data[at + 4 : end]
        at = end


def _hadoop(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 8 <= len(data):
        (left,) = struct.unpack_from(">I", data, at)
        at += 4
        while left > 0:
            (packed,) = struct.unpack_from(">I", data, at)
            piece = _snappy(data[at + 4 : at + 4 + packed])
            yield piece
            at, left = at + 4 + packed, left - max(len(piece), 1)


def _xerial(data: bytes) -> Iterator[bytes]:
    """Java's Snappy streams: a head of 16 bytes, then chunks behind their lengths."""
    yield from map(_snappy, _chunks(data, _XERIAL_HEAD, lambda head: int.from_bytes(head, "big")))


def _is_iwork(content: Content) -> bool:
    """Whether it is one of Apple's documents. Its chunks are bare Snappy blocks behind a zero and a length of three
    bytes.
    """
    head = content.head
    packed = int.from_bytes(head[1:4], "little")
    if len(head) < _LEAST or head[0] or not 4 < packed <= content.size - 4:
        return False
    unpacked, at = _length(head[4:9])
    return 0 < unpacked <= 65_536 * 4 and unpacked * 7 // 6 + 32 >= packed and not head[4 + at] & 3


def _iwork(data: bytes) -> Iterator[bytes]:
    yield from map(_snappy, _chunks(data, 0, lambda head: int.from_bytes(head[1:], "little")))


def _sized(data: bytes) -> Iterator[bytes]:
    yield _lz4(data[4:], int.from_bytes(data[:4], "little"))


def _mozilla(data: bytes) -> Iterator[bytes]:
    yield from _sized(data[len(_MOZILLA) :])


def _legacy(data: bytes) -> Iterator[bytes]:
    """The first frame format of lz4. Its blocks hold at most 8 MB and stand behind their packed length."""
    for chunk in _chunks(data, 4, lambda head: int.from_bytes(head, "little")):
        yield _lz4(chunk, _LEGACY_BLOCK)


def _lz4(block: bytes, most: int) -> bytes:
    import lz4.block

    unpacked: bytes = lz4.block.decompress(block, uncompressed_size=most)
    return unpacked


def _is_sized(content: Content) -> bool:
    length = int.from_bytes(content.head[:4], "little")
    if not _LEAST <= content.size <= _MOST or not content.size // 2 <= length <= min(_MOST, _GROWTH * content.size):
        return False
    try:
        return len(_lz4(content.whole(_MOST)[4:], length)) == length
    except Exception:
        return False


def _is_bare(content: Content) -> bool:
    """Whether it begins with a literal and is long enough that chance does not end a block at the last byte."""
    if not 64 <= content.size <= _MOST or content.head[0] < 0x10 or content.head.isascii():
        return False
    try:
        return len(_bare(content.whole(_MOST))) > content.size
    except Exception:
        return False


def _bare(data: bytes) -> bytes:
    return _lz4(data, min(_MOST, max(_LEGACY_BLOCK // 128, 32 * len(data))))


def _reading(blocks: Callable[[bytes], Iterator[bytes]]) -> Callable[[Content], Found]:
    """Gives all blocks as one piece. An error ends it as damaged."""

    def read(content: Content) -> Found:
        yield Piece(data=blocks(content.whole(_MOST)))

    return read


SNAPPY_BLOCK = Reader(
    kind="snappy-block", knows=_is_snappy, read=_reading(lambda data: iter((_snappy(data),))), needs=("cramjam",)
)
SNAPPY_HADOOP = Reader(kind="snappy-hadoop", knows=_chunked_snappy, read=_reading(_hadoop), needs=("cramjam",))
SNAPPY_JAVA = Reader(kind="snappy-java", knows=begins(_XERIAL), read=_reading(_xerial), needs=("cramjam",))
IWORK = Reader(kind="iwork", knows=_is_iwork, read=_reading(_iwork), needs=("cramjam",))
LZ4_MOZILLA = Reader(kind="lz4-mozilla", knows=begins(_MOZILLA), read=_reading(_mozilla))
LZ4_LEGACY = Reader(kind="lz4-legacy", knows=begins(_LEGACY), read=_reading(_legacy))
LZ4_SIZED = Reader(kind="lz4-sized", knows=_is_sized, read=_reading(_sized))
LZ4_BLOCK = Reader(kind="lz4-block", knows=_is_bare, read=_reading(lambda data: iter((_bare(data),))))
