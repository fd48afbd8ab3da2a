"""Opens compressions that have a mark, wherever they begin: gzip, zlib, zip, bzip2, xz, zstd, lz4."""

import bz2
import io
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import lz4.frame
import numpy as np
import zstandard

from scenarios.leaks.decode.packed.marks import (
    BZIP2,
    GZIP,
    LONG,
    LZ4,
    LZMA,
    SAMPLE,
    SHORTEST,
    XZ,
    ZIP,
    ZLIB_HEADS,
    ZSTD,
    Found,
    is_zlib,
    plausible,
)  # fmt: skip

_MEMBERS = 1_000  # of one archive
_STREAMS = 64  # of one kind, looked for inside one layer
_ZLIB_STREAMS = 4_000
_HEADER = struct.Struct("<4sHHHHHIIIHH")  # local file header, PKWARE APPNOTE 4.3.7
_ENCRYPTED = 0x1
_STEP = 4_096  # bytes fed at a time
_MEMORY = 128 * 1024 * 1024
_SURE = 64  # bytes inflated without an error, from which a zlib stream is believed before its end


def streams(data: bytes, limit: int) -> Found:
    """Yield (step, bytes) of every compressed stream with a mark, at most `limit` + 1 bytes each."""
    for at in _places(data, GZIP):
        yield from _some("gzip", inflated(data[at:], zlib.MAX_WBITS | 16, limit))
    for at in _zlib_places(data):
        yield from _some("zlib", inflated(data[at:], zlib.MAX_WBITS, limit))
    yield from members(data, limit)


def members(data: bytes, limit: int) -> Found:
    """Yield zip members by their local headers, because a truncated archive has no directory. Then yield the other
    marked streams.
    """
    for at in _places(data, ZIP, _MEMBERS) if b"\x04" in data else ():
        yield from _some("zip", _zip_member(data, at, limit))
    for match in list(BZIP2.finditer(data))[:_STREAMS]:
        yield from _some("bzip2", _fed(bz2.BZ2Decompressor(), data[match.start() :], limit))
    for at in _places(data, XZ):
        yield from _some("xz", _fed(lzma.LZMADecompressor(memlimit=_MEMORY), data[at:], limit))
    for match in list(LZMA.finditer(data))[:_STREAMS] if b"\x5d\0\0" in data else ():
        alone = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY)
        yield from _some("lzma", _fed(alone, data[match.start() :], limit))
    for at in _places(data, ZSTD):
        yield from _some("zstd", _zstd(data[at:], limit))
    for at in _places(data, LZ4):
        yield from _some("lz4", _fed(lz4.frame.LZ4FrameDecompressor(), data[at:], limit))


def _places(data: bytes, mark: bytes, most: int = _STREAMS) -> Iterator[int]:
    at = data.find(mark)
    for _ in range(most):
        if at < 0:
            return
        yield at
        at = data.find(mark, at + 1)


def _zlib_places(data: bytes) -> Iterator[int]:
    """Return the places of a zlib header (RFC 1950, any window) behind which the data inflates."""
    if len(data) < SHORTEST:
        return
    if is_zlib(data):
        yield 0
    if data.isascii():
        return
    codes = np.frombuffer(data, np.uint8)
    first = np.flatnonzero((codes[:-1] & 0x8F) == 8)
    places = first[ZLIB_HEADS[codes[first], codes[first + 1]]]
    view = memoryview(data)
    for at in places[: max(_ZLIB_STREAMS, len(data) >> 8)].tolist():
        if at and _inflates(view[at : at + SAMPLE]):
            yield at


def _inflates(piece: memoryview) -> bool:
    """Return whether the stream reaches its end with the right checksum, or runs long without an error. Noise often
    holds the header alone.
    """
    stream, out = zlib.decompressobj(), b""
    try:
        out = stream.decompress(piece[:32], _SURE)
        if len(out) < _SURE and not stream.eof:
            out += stream.decompress(stream.unconsumed_tail + bytes(piece[32:]), _SURE)
    except zlib.error:
        return len(out) >= LONG and plausible(out)
    return len(out) >= _SURE or stream.eof or plausible(out)


def _some(step: str, data: bytes) -> Found:
    if data:
        yield step, data


def _zip_member(data: bytes, at: int, limit: int) -> bytes:
    """Open one member by its method (APPNOTE 4.4.5). An encrypted member or an unknown method gives nothing."""
    if at + _HEADER.size > len(data):
        return b""
    _, _, flags, method, _, _, _, size, _, name, extra = _HEADER.unpack_from(data, at)
    if flags & _ENCRYPTED:
        return b""
    begin = at + _HEADER.size + name + extra
    rest = data[begin : begin + size] if 0 < size < len(data) else data[begin:]
    if method == 0:
        stored = rest if size else rest.partition(b"PK")[0]
        return stored[: limit + 1]
    readers: dict[int, Callable[[], bytes]] = {
        8: lambda: inflated(data[begin:], -zlib.MAX_WBITS, limit),
        12: lambda: _fed(bz2.BZ2Decompressor(), rest, limit),
        14: lambda: _fed(_zip_lzma(rest), rest[9:], limit),
        93: lambda: _zstd(rest, limit),
        95: lambda: _fed(lzma.LZMADecompressor(memlimit=_MEMORY), rest, limit),
    }
    return readers[method]() if method in readers else b""


def _zip_lzma(data: bytes) -> lzma.LZMADecompressor:
    """Open LZMA in a zip: version, size of the properties, properties, stream (APPNOTE 5.8.8)."""
    try:
        code, window = data[4], int.from_bytes(data[5:9], "little")
        lc, lp, pb = code % 9, code // 9 % 5, code // 45
        wanted = {"id": lzma.FILTER_LZMA1, "dict_size": min(window, _MEMORY), "lc": lc, "lp": lp, "pb": pb}
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[wanted])
    except (IndexError, ValueError, lzma.LZMAError):
        return lzma.LZMADecompressor(memlimit=_MEMORY)


def _fed(stream: Any, data: bytes, limit: int) -> bytes:
    """Return what a decompressor gives, up to the damage if the data is damaged."""
    out = bytearray()
    try:
        for at in range(0, len(data), _STEP):
            out += stream.decompress(data[at : at + _STEP], limit + 1 - len(out))
            while len(out) <= limit and not stream.eof and not stream.needs_input:
                out += stream.decompress(b"", limit + 1 - len(out))
            if len(out) > limit or stream.eof:
                break
    except (OSError, lzma.LZMAError, EOFError, RuntimeError, ValueError):
        pass
    return bytes(out)


def _zstd(data: bytes, limit: int) -> bytes:
    out = bytearray()
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_MEMORY).stream_reader(
            io.BytesIO(data), read_size=_STEP, read_across_frames=False
        )
        while len(out) <= limit and (piece := reader.read(min(65_536, limit + 1 - len(out)))):
            out += piece
    except (zstandard.ZstdError, MemoryError):
        pass
    return bytes(out)


def inflated(data: bytes, window: int, limit: int) -> bytes:
    """Return what a zlib or gzip stream gives, up to the damage or the end."""
    stream = zlib.decompressobj(window)
    try:
        return stream.decompress(data, limit + 1)
    except zlib.error:
        stream, out = zlib.decompressobj(window), bytearray()
    for at in range(0, len(data), 64):
        before = stream.copy()
        try:
            out += stream.decompress(data[at : at + 64], limit + 1 - len(out))
        except zlib.error:
            return bytes(out + _up_to_the_damage(before, data[at : at + 64], limit - len(out)))
        if len(out) > limit:
            break
    return bytes(out)


def _up_to_the_damage(stream: "zlib._Decompress", data: bytes, limit: int) -> bytes:
    out = bytearray()
    for at in range(len(data)):
        try:
            out += stream.decompress(data[at : at + 1], max(limit - len(out), 0) + 1)
        except zlib.error:
            break
    return bytes(out)
