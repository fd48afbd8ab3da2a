"""Bytes -> what compressions other than gzip and zlib hide in them: zip members, bzip2, xz, raw deflate, brotli.

Raw deflate and brotli have no mark of their own: what they give is kept only when a person could read it.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator

import brotli

ZIP = b"PK\x03\x04"
BZIP2 = b"BZh"
XZ = b"\xfd7zXZ\x00"
MAGICS = (ZIP, XZ, b"BZh91AY&SY")
_MEMBERS = 1_000  # of one archive
_HEADER = struct.Struct("<4sHHHHHIIIHH")  # local file header, PKWARE APPNOTE 4.3.7
_ENCRYPTED, _STORED, _DEFLATED = 0x1, 0, 8
_STEP = 4_096  # bytes fed to brotli at a time
_SHORTEST = 6
_SAMPLE = 4_096
_LONG = 12
_SYMBOLS = 4
_IN_VALUES = frozenset(" .,@+_:/'()-")
_UNREADABLE = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"


def members(data: bytes, limit: int) -> Iterator[tuple[str, bytes]]:
    """Zip members by their local headers (a truncated archive has no directory), bzip2 and xz; (step, bytes).

    At most `limit` + 1 bytes each. Stored members are left to the search of the archive itself.
    """
    at = data.find(ZIP) if b"\x04" in data else -1
    for _ in range(_MEMBERS):
        if at < 0:
            break
        yield from _zip_member(data, at, limit)
        at = data.find(ZIP, at + 4)
    if data.startswith(BZIP2):
        yield from _read("bzip2", bz2.BZ2Decompressor(), data, limit)
    if data.startswith(XZ):
        yield from _read("xz", lzma.LZMADecompressor(memlimit=256 * 1024 * 1024), data, limit)


def unmarked(data: bytes, limit: int, *, nested: int = 5) -> Iterator[tuple[str, bytes]]:
    """Brotli and raw deflate, tried at the start of something binary; one around another up to `nested` times."""
    if len(data) < _SHORTEST:
        return
    inflated, whole = _inflate(data, limit) if _may_inflate(data) else (b"", False)
    if _says_something(inflated) or (whole and nested and opens(inflated, nested - 1)):
        yield "deflate", inflated
    opened, whole = _brotli(data, limit)
    if _says_something(opened) or (whole and nested and opens(opened, nested - 1)):
        yield "brotli", opened


def _says_something(data: bytes) -> bool:
    """Noise often opens as one symbol again and again."""
    return plausible(data) and len(set(data[:_SAMPLE])) >= _SYMBOLS


def _may_inflate(data: bytes) -> bool:
    """Whether the first block's header can be one (RFC 1951, 3.2.3 to 3.2.7): most bytes cannot."""
    kind = data[0] >> 1 & 3
    if kind == 0:
        return data[1] ^ data[3] == 0xFF and data[2] ^ data[4] == 0xFF
    return kind == 1 or (kind == 2 and data[0] >> 3 <= 29 and data[1] & 31 <= 29)


def opens(data: bytes, nested: int = 5) -> bool:
    """Whether something without a mark of its own can be opened."""
    return is_binary(data) and next(unmarked(data, _SAMPLE, nested=nested), None) is not None


def is_binary(data: bytes) -> bool:
    """Whether it is more than plain ASCII text: only such can be compressed."""
    return not data.isascii() or len(data.translate(None, _UNREADABLE)) != len(data)


def plausible(data: bytes) -> bool:
    """Whether bytes made by a guess read like something: UTF-8 without control characters, or a container's mark.

    Of a few bytes one in a hundred reads by chance: those must look like a value, without odd punctuation.
    """
    if len(data) < _SHORTEST:
        return False
    if data.startswith((b"\x1f\x8b\x08", *MAGICS)) or _is_zlib(data):
        return True
    sample = data[:_SAMPLE]
    if sample.translate(None, _UNREADABLE) != sample:
        return False
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) > _SAMPLE and error.start > _SAMPLE - 4
    return len(data) >= _LONG or all(c.isalnum() or c in _IN_VALUES for c in text)


def _is_zlib(data: bytes) -> bool:
    """RFC 1950's header, and a beginning that inflates."""
    if data[0] != 0x78 or int.from_bytes(data[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(data[:_SAMPLE], 1))
    except zlib.error:
        return False


def _zip_member(data: bytes, at: int, limit: int) -> Iterator[tuple[str, bytes]]:
    if at + _HEADER.size > len(data):
        return
    _, _, flags, method, _, _, _, _, _, name, extra = _HEADER.unpack_from(data, at)
    if method == _DEFLATED and not flags & _ENCRYPTED:
        inflated, _ = _inflate(data[at + _HEADER.size + name + extra :], limit)
        if inflated:
            yield "zip", inflated


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


def _read(
    step: str, stream: bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes, limit: int
) -> Iterator[tuple[str, bytes]]:
    try:
        out = stream.decompress(data, limit + 1)
    except (OSError, lzma.LZMAError, EOFError):
        return
    if out:
        yield step, out
