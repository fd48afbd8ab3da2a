"""Tells what bytes begin as: a compression, readable text, or neither."""

import re
import zlib
from collections.abc import Iterator

import numpy as np

GZIP = b"\x1f\x8b\x08"
ZIP = b"PK\x03\x04"
XZ = b"\xfd7zXZ\x00"
ZSTD = b"\x28\xb5\x2f\xfd"
LZ4 = b"\x04\x22\x4d\x18"
BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
LZMA = re.compile(rb"\x5d\x00\x00[\x00-\xff][\x00-\x08](?:\xff{8}|.{5}\x00{3})", re.DOTALL)
SAMPLE = 4_096  # bytes by which something is judged
SHORTEST, LONG = 6, 12  # bytes
_ANY = re.compile(rb"\x1f\x8b\x08|PK\x03\x04|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|BZh[1-9]1AY&SY")
_MARKS = (GZIP, ZIP, XZ, ZSTD, LZ4, b"BZh")
# First bytes of a compression's mark: of zlib's every window.
_FIRST = frozenset({mark[0] for mark in _MARKS} | {0x5D} | {16 * window + 8 for window in range(8)})
REVERSED_BITS = bytes(int(f"{code:08b}"[::-1], 2) for code in range(256))  # deflate's codes begin with the highest bit
# The first bytes of compressions' marks as a literal's code of deflate says them; 206 is that of xz, of nine bits.
PACKED_LITERALS = frozenset({0x1F, 0x28, 0x50, 0x42, 0x78, 0x04, 0x5D, 206})
_IN_VALUES = frozenset(" .,@+_:/'()-")
_UNREADABLE = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
# Letters, digits and the signs of values in EBCDIC.
EBCDIC_WORDS = bytes([0x40, *range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA), *range(0xC1, 0xCA)])
EBCDIC_WORDS += bytes([*range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA), 0x4B, 0x60, 0x7C, 0x6B, 0x15, 0x25])
EBCDIC = np.isin(np.arange(256), list(EBCDIC_WORDS))
ZLIB_HEADS = np.zeros((256, 256), np.bool_)
for _window in range(8):
    for _flags in range(256):
        ZLIB_HEADS[_window * 16 + 8, _flags] = not (_window * 4096 + 2048 + _flags) % 31 and not _flags & 0x20

Found = Iterator[tuple[str, bytes]]


def begins_marked(data: bytes) -> bool:
    """Return whether the bytes begin with a compression's mark."""
    if not data or data[0] not in _FIRST:
        return False
    return data.startswith(_MARKS) or is_zlib(data) or LZMA.match(data) is not None


def is_marked(data: bytes) -> bool:
    """Return whether a compression's mark stands anywhere in the bytes, or zlib's or LZMA's at their start."""
    return _ANY.search(data) is not None or is_zlib(data) or LZMA.match(data) is not None


def is_zlib(data: bytes) -> bool:
    """Return whether the bytes begin with an RFC 1950 header and inflate. Headers with a preset dictionary are left
    out: "x " looks like one.
    """
    if len(data) < SHORTEST or not ZLIB_HEADS[data[0], data[1]]:
        return False
    try:
        return bool(zlib.decompressobj().decompress(data[:SAMPLE], 1))
    except zlib.error:
        return False


def is_binary(data: bytes) -> bool:
    """Return whether the bytes are more than plain ASCII text. Only such bytes can be compressed."""
    return not data.isascii() or len(data.translate(None, _UNREADABLE)) != len(data)


def plausible(data: bytes) -> bool:
    """Return whether bytes that a guess gave read: UTF-8 without control characters, or a compression's mark.

    One in a hundred random strings of a few bytes reads by chance. Short ones must also look like a value, without odd
    punctuation.
    """
    if len(data) < SHORTEST:
        return False
    if begins_marked(data):
        return True
    sample = data[:SAMPLE]
    if sample.translate(None, _UNREADABLE) != sample:
        return False
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) > SAMPLE and error.start > SAMPLE - 4
    return len(data) >= LONG or all(c.isalnum() or c in _IN_VALUES for c in text)
