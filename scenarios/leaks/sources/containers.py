"""A file no reader knows -> a note when it is of a kind that hides what it holds: searched as raw bytes alone."""

import math
from collections import Counter

import puremagic

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Unread

# Marks of kinds that pack, encrypt or draw what they hold, where a person would look into them.
_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"MSCF", "cab"), (0, b"\x60\xea", "arj"), (2, b"-lh", "lha"), (0, b"\xed\xab\xee\xdb", "rpm"),
    (0, b"\x1f\x9d", "compress"), (0, b"\x1f\xa0", "compress"), (0, b"hsqs", "squashfs"), (0, b"sqsh", "squashfs"),
    (0, b"QFI\xfb", "qcow2"), (0, b"KDMV", "vmdk"), (0, b"vhdxfile", "vhdx"), (0, b"conectix", "vhd"),
    (0, b"LUKS\xba\xbe", "luks"), (0, b"Salted__", "openssl"), (0, b"age-encryption.org/", "age"),
    (0, b"\x03\xd9\xa2\x9a", "keepass"), (0, b"-----BEGIN PGP MESSAGE", "pgp"), (0, b"MSWIM\x00", "wim"),
    (0, b"ITSF", "chm"), (0, b"!BDN", "pst"), (0, b"\x00\x01\x00\x00Standard", "access"), (0, b"xar!", "xar"),
    (0, b"LZIP", "lzip"), (0, b"LRZI", "lrzip"), (0, b"\x89LZO", "lzop"), (0, b"ZOO ", "zoo"), (7, b"**ACE**", "ace"),
    (4, b"ftypheic", "heic"), (4, b"ftypmif1", "heic"), (4, b"ftypavif", "avif"), (0, b"AT&TFORM", "djvu"),
    (0, b"\x00\x00\x00\x0cjP  ", "jpeg 2000"), (0, b"\x00\x00\x00\x0cJXL ", "jpeg xl"), (0, b"\xff\x0a", "jpeg xl"),
    (0x8001, b"CD001", "iso"), (0, b"\x89HDF\r\n\x1a\n", "hdf5"), (0, b"DUCK", "duckdb"), (8, b"DUCK", "duckdb"),
)  # fmt: skip
_NAMED = frozenset({
    ".cab", ".arj", ".lzh", ".lha", ".rpm", ".dmg", ".vhd", ".vmdk", ".ace", ".zoo", ".arc", ".gpg", ".pgp", ".kdbx",
    ".lit", ".pst", ".mdb", ".accdb", ".swf", ".dwg", ".one", ".hlp", ".lzo", ".lz", ".nes", ".z",
})  # fmt: skip
_SURE = 0.7
_LEAST, _SAMPLE = 512, 64 * 1024
_NOISE = 7.6  # bits a byte; compressed or encrypted data comes close to eight


def unopened(content: Content) -> Unread | None:
    """What kind it is that could not be opened; None for text, and for binary files that hide nothing."""
    kind = _kind(content)
    if kind is None:
        return None
    return Unread(kind=kind, name="", why="unknown container", detail="searched as raw bytes")


def _kind(content: Content) -> str | None:
    head = content.head
    for at, mark, kind in _MARKS:
        if head.startswith(mark, at):
            return kind
    if head.isascii() or len(head) < 16:
        return None
    try:
        head.decode()
        return None
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4:
            return None
    for found in _by_library(head):
        if found.extension in _NAMED and found.confidence >= _SURE:
            return str(found.extension).lstrip(".")
    return "unknown" if len(head) >= _LEAST and _bits(head[-_SAMPLE:]) > _NOISE else None


def _by_library(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return []


def _bits(data: bytes) -> float:
    """Entropy of single bytes; corrected for how little a short sample can have."""
    counts = Counter(data)
    measured = -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values())
    return measured + (255 / (2 * math.log(2) * len(data)))  # Miller and Madow, 1955
