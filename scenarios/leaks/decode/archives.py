"""Bytes -> what compressions hide in them, found by their marks at any place: gzip, zlib, zip, bzip2, xz, zstd, lz4.

Raw deflate and brotli have no mark of their own and are tried at the start; what they give is kept only when a person
could read it.
"""

import bz2
import io
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import lz4.frame
import numpy as np
import zstandard

from scenarios.leaks.decode.readable import is_wide

GZIP = b"\x1f\x8b\x08"
ZIP = b"PK\x03\x04"
XZ = b"\xfd7zXZ\x00"
ZSTD = b"\x28\xb5\x2f\xfd"
LZ4 = b"\x04\x22\x4d\x18"
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_LZMA = re.compile(rb"\x5d\x00\x00[\x00-\xff][\x00-\x08](?:\xff{8}|.{5}\x00{3})", re.DOTALL)
_ANY = re.compile(rb"\x1f\x8b\x08|PK\x03\x04|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|BZh[1-9]1AY&SY")
_MARKS = (GZIP, ZIP, XZ, ZSTD, LZ4, b"BZh")
_MEMBERS = 1_000  # of one archive
_STREAMS = 64  # of one kind, looked for inside one layer
_ZLIB_STREAMS = 4_000
_HEADER = struct.Struct("<4sHHHHHIIIHH")  # local file header, PKWARE APPNOTE 4.3.7
_ENCRYPTED = 0x1
_STEP = 4_096  # bytes fed at a time
_MEMORY = 128 * 1024 * 1024
_SHORTEST = 6
_SAMPLE = 4_096
_LONG = 12
_SYMBOLS = 4
_SURE = 64  # bytes inflated without an error, from which a zlib stream is believed before its end
_IN_VALUES = frozenset(" .,@+_:/'()-")
_UNREADABLE = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
_USUAL_RATIO = 12  # of what brotli says its first block will give, to all that it is given
ZLIB_HEADS = np.zeros((256, 256), np.bool_)
for _window in range(8):
    for _flags in range(256):
        ZLIB_HEADS[_window * 16 + 8, _flags] = not (_window * 4096 + 2048 + _flags) % 31 and not _flags & 0x20

Found = Iterator[tuple[str, bytes]]


def streams(data: bytes, limit: int) -> Found:
    """Everything compressed that has a mark, wherever it begins; (step, at most `limit` + 1 bytes)."""
    for at in _places(data, GZIP):
        yield from _some("gzip", inflated(data[at:], zlib.MAX_WBITS | 16, limit))
    for at in _zlib_places(data):
        yield from _some("zlib", inflated(data[at:], zlib.MAX_WBITS, limit))
    yield from members(data, limit)


def members(data: bytes, limit: int) -> Found:
    """Zip members by their local headers (a truncated archive has no directory), and the other marked streams."""
    for at in _places(data, ZIP, _MEMBERS) if b"\x04" in data else ():
        yield from _some("zip", _zip_member(data, at, limit))
    for match in list(_BZIP2.finditer(data))[:_STREAMS]:
        yield from _some("bzip2", _fed(bz2.BZ2Decompressor(), data[match.start() :], limit))
    for at in _places(data, XZ):
        yield from _some("xz", _fed(lzma.LZMADecompressor(memlimit=_MEMORY), data[at:], limit))
    for match in list(_LZMA.finditer(data))[:_STREAMS] if b"\x5d\0\0" in data else ():
        alone = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY)
        yield from _some("lzma", _fed(alone, data[match.start() :], limit))
    for at in _places(data, ZSTD):
        yield from _some("zstd", _zstd(data[at:], limit))
    for at in _places(data, LZ4):
        yield from _some("lz4", _fed(lz4.frame.LZ4FrameDecompressor(), data[at:], limit))


def begins_marked(data: bytes) -> bool:
    """Whether its first bytes are a compression's mark."""
    return data.startswith(_MARKS) or is_zlib(data) or _LZMA.match(data) is not None


def is_marked(data: bytes) -> bool:
    """Whether a compression's mark stands anywhere in it, or zlib's at its start."""
    return _ANY.search(data) is not None or is_zlib(data) or _LZMA.match(data) is not None


def _places(data: bytes, mark: bytes, most: int = _STREAMS) -> Iterator[int]:
    at = data.find(mark)
    for _ in range(most):
        if at < 0:
            return
        yield at
        at = data.find(mark, at + 1)


def _zlib_places(data: bytes) -> Iterator[int]:
    """Where zlib's header stands (RFC 1950, any window) and what follows inflates."""
    if len(data) < _SHORTEST:
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
        if at and _inflates(view[at : at + _SAMPLE]):
            yield at


def is_zlib(data: bytes) -> bool:
    """RFC 1950's header, without a preset dictionary (which "x " looks like), and a beginning that inflates."""
    if len(data) < _SHORTEST or not ZLIB_HEADS[data[0], data[1]]:
        return False
    try:
        return bool(zlib.decompressobj().decompress(data[:_SAMPLE], 1))
    except zlib.error:
        return False


def _inflates(piece: memoryview) -> bool:
    """To its end with the right checksum, or for long without an error: in the middle of noise the header is common."""
    stream, out = zlib.decompressobj(), b""
    try:
        out = stream.decompress(piece[:32], _SURE)
        if len(out) < _SURE and not stream.eof:
            out += stream.decompress(stream.unconsumed_tail + bytes(piece[32:]), _SURE)
    except zlib.error:
        return len(out) >= _LONG and plausible(out)
    return len(out) >= _SURE or stream.eof or plausible(out)


def _some(step: str, data: bytes) -> Found:
    if data:
        yield step, data


def _zip_member(data: bytes, at: int, limit: int) -> bytes:
    """One member by its method (APPNOTE 4.4.5); what is encrypted or unknown gives nothing."""
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
        8: lambda: _inflate(data[begin:], limit)[0],
        12: lambda: _fed(bz2.BZ2Decompressor(), rest, limit),
        14: lambda: _fed(_zip_lzma(rest), rest[9:], limit),
        93: lambda: _zstd(rest, limit),
        95: lambda: _fed(lzma.LZMADecompressor(memlimit=_MEMORY), rest, limit),
    }
    return readers[method]() if method in readers else b""


def _zip_lzma(data: bytes) -> lzma.LZMADecompressor:
    """LZMA in a zip: version, size of the properties, the properties (APPNOTE 5.8.8)."""
    try:
        code, window = data[4], int.from_bytes(data[5:9], "little")
        lc, lp, pb = code % 9, code // 9 % 5, code // 45
        wanted = {"id": lzma.FILTER_LZMA1, "dict_size": min(window, _MEMORY), "lc": lc, "lp": lp, "pb": pb}
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[wanted])
    except (IndexError, ValueError, lzma.LZMAError):
        return lzma.LZMADecompressor(memlimit=_MEMORY)


def _fed(stream: Any, data: bytes, limit: int) -> bytes:
    """What a decompressor of the library's kind gives, up to the damage if there is one."""
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
    """What a zlib or gzip stream gives; of a damaged or cut one what comes before the damage."""
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


def unmarked(data: bytes, limit: int, *, nested: int = 5, sure: bool = True) -> Found:
    """Brotli and raw deflate, tried at the start of something binary; one around another up to `nested` times.

    Unless it is `sure` that something begins there, brotli must say a length that so few bytes commonly have.
    """
    if len(data) < _SHORTEST:
        return
    for step, may, read in (("deflate", _may_inflate, _inflate), ("brotli", _may_be_brotli, _brotli)):
        out, whole = read(data, limit) if may(data, sure) else (b"", False)
        if (
            _says_something(out, whole=whole)
            or (whole and is_wide(out))
            or (whole and nested and len(out) >= _LONG and opens(out, nested - 1))
        ):
            yield step, out


def _says_something(data: bytes, *, whole: bool) -> bool:
    """Noise often opens as one symbol again and again, and hardly ever comes to its end."""
    return plausible(data) and len(set(data[:_SAMPLE])) >= (2 if whole else _SYMBOLS)


def _may_inflate(data: bytes, _sure: bool) -> bool:
    """Whether the first block's header can be one (RFC 1951, 3.2.3 to 3.2.7): most bytes cannot."""
    kind = data[0] >> 1 & 3
    if kind == 0:
        return data[1] ^ data[3] == 0xFF and data[2] ^ data[4] == 0xFF
    return kind == 1 or (kind == 2 and data[0] >> 3 <= 29 and data[1] & 31 <= 29)


def _may_be_brotli(data: bytes, sure: bool) -> bool:
    """Whether the first block says a length that it could have (RFC 7932, 9.1 and 9.2)."""
    bits = int.from_bytes(data[:6], "little")
    window = 1 if not bits & 1 else 4 if bits >> 1 & 7 else 7
    if bits & 0x7F == 0x11:
        return False
    bits >>= window
    last, bits = bits & 1, bits >> 1
    if last:
        if bits & 1:
            return False
        bits >>= 1
    nibbles = (bits & 3) + 4
    if nibbles == 7:
        return not last  # metadata
    size = (bits >> 2 & (1 << 4 * nibbles) - 1) + 1
    return sure or (_SHORTEST <= size <= len(data) * _USUAL_RATIO) or len(data) >= _SAMPLE


def opens(data: bytes, nested: int = 5) -> bool:
    """Whether something without a mark of its own can be opened."""
    return is_binary(data) and next(unmarked(data, _SAMPLE, nested=nested, sure=False), None) is not None


def is_binary(data: bytes) -> bool:
    """Whether it is more than plain ASCII text: only such can be compressed."""
    return not data.isascii() or len(data.translate(None, _UNREADABLE)) != len(data)


def plausible(data: bytes) -> bool:
    """Whether bytes made by a guess read like something: UTF-8 without control characters, or a container's mark.

    Of a few bytes one in a hundred reads by chance: those must look like a value, without odd punctuation.
    """
    if len(data) < _SHORTEST:
        return False
    if begins_marked(data):
        return True
    sample = data[:_SAMPLE]
    if sample.translate(None, _UNREADABLE) != sample:
        return False
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) > _SAMPLE and error.start > _SAMPLE - 4
    return len(data) >= _LONG or all(c.isalnum() or c in _IN_VALUES for c in text)


def _inflate(data: bytes, limit: int) -> tuple[bytes, bool]:
    """What a stream gives, and whether it came to its end: noise hardly ever does."""
    stream, out = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    try:
        for at in range(0, len(data), _STEP):
            out += stream.decompress(data[at : at + _STEP], limit + 1 - len(out))
            if len(out) > limit or stream.eof:
                break
    except zlib.error:
        pass
    return bytes(out), stream.eof


def _brotli(data: bytes, limit: int) -> tuple[bytes, bool]:
    """As `_inflate`. Fed piece by piece with a bound on what comes out: 27 bytes can stand for ten million."""
    stream, out, whole = brotli.Decompressor(), bytearray(), False
    try:
        for at in range(0, len(data), _STEP):
            out += stream.process(data[at : at + _STEP], output_buffer_limit=limit)
            while len(out) <= limit and not stream.can_accept_more_data():
                out += stream.process(b"", output_buffer_limit=limit)
            whole = stream.is_finished()
            if len(out) > limit or whole:
                break
    except brotli.error:
        pass
    return bytes(out[: limit + 1]), whole
