"""Says what a file is that no reader knows. If its kind may hide what it holds, a note says that it was searched as raw
bytes only.
"""

import math
from collections import Counter

import puremagic

from scenarios.leaks.sources.charsets import charset_of
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Unread

# Marks of kinds that pack, encrypt or draw what they hold, where a person would look into them.
_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x60\xea", "arj"), (2, b"-lh", "lha"),
    (0, b"\x1f\x9d", "compress"), (0, b"\x1f\xa0", "compress"), (0, b"hsqs", "squashfs"), (0, b"sqsh", "squashfs"),
    (0, b"QFI\xfb", "qcow2"), (0, b"KDMV", "vmdk"), (0, b"vhdxfile", "vhdx"), (0, b"conectix", "vhd"),
    (0, b"LUKS\xba\xbe", "luks"), (0, b"Salted__", "openssl"), (0, b"age-encryption.org/", "age"),
    (0, b"U2FsdGVkX1", "openssl"), (0, b"-----BEGIN AGE ENCRYPTED", "age"), (0, b"$ANSIBLE_VAULT;", "ansible vault"),
    # enveloped data (RFC 5652), behind one to four bytes of length
    *((at, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "enveloped data") for at in (2, 3, 4, 5)),
    (0, b"\x03\xd9\xa2\x9a", "keepass"), (0, b"-----BEGIN PGP MESSAGE", "pgp"), (0, b"MSWIM\x00", "wim"),
    (0, b"ITSF", "chm"), (0, b"!BDN", "pst"), (0, b"\x00\x01\x00\x00Standard", "access"), (0, b"xar!", "xar"),
    (0, b"LRZI", "lrzip"), (0, b"\x89LZO", "lzop"), (0, b"ZOO ", "zoo"), (7, b"**ACE**", "ace"),
    (4, b"ftypheic", "heic"), (4, b"ftypmif1", "heic"), (0, b"AT&TFORM", "djvu"),
    (0, b"\x00\x00\x00\x0cJXL ", "jpeg xl"), (0, b"\xff\x0a", "jpeg xl"),
    (0, b"SIMPLE  =", "fits"), (0, b"DUCK", "duckdb"), (8, b"DUCK", "duckdb"),
    (0, b"regf", "registry hive"), (0, b"ElfFile\x00", "event log"), (4, b"\xef\xcd\xab\x89", "ese"),
    (0, b"MAM\x04", "prefetch"), (0, b"\x41\xd8\x01\x00", "wiredtiger"), (0, b"\x3f\xd7\x6c\x17", "lucene"),
    (0, b"ANDROID BACKUP\n", "android backup"), (0, b"TAPE\x00\x00", "mssql backup"), (0, b"wOFF", "woff"),
    (0, b"wOF2", "woff"), (60, b"BOOKMOBI", "mobi"), (60, b"TEXtREAd", "palm"), (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "onenote"), (0, b"\x37\xa4\x30\xec", "zstd dictionary"),
    (0, b"\x83P", "erlang"), (128, b"DICM", "dicom"), (0, b"\x28\xcd\x3d\x45", "cramfs"),
    (1024, b"\xe2\xe1\xf5\xe0", "erofs"), (0, b"\x31\x18\x10\x06", "ubifs"), (0, b"\x16\xd1\x16\xd1", "tsm"),
)  # fmt: skip
# Marks of binary kinds whose texts stand in them as they are, so that the raw bytes say everything.
_PLAIN: tuple[tuple[int, bytes], ...] = (
    # programs and libraries, Android's and Java's values
    (0, b"\x7fELF"), (0, b"MZ"), (0, b"\xfe\xed\xfa"), (0, b"\xcf\xfa\xed\xfe"), (0, b"\xce\xfa\xed\xfe"),
    (0, b"\xca\xfe\xba\xbe"), (0, b"\x00asm"), (2, b"\r\n\x00\x00"), (2, b"\r\r\n"), (0, b"dex\n"),
    (0, b"\x03\x00\x08\x00"), (0, b"\x02\x00\x0c\x00"), (0, b"ABX\x00"), (0, b"\xac\xed\x00\x05"),
    # locales, time zones, terminals, fonts, icons, cursors, names of libraries, music
    (0, b"\xde\x12\x04\x95"), (0, b"\x95\x04\x12\xde"), (0, b"TZif"), (0, b"\x1a\x01"), (0, b"\x1e\x02"),
    (0, b"\x00\x01\x00\x00\x00"), (0, b"OTTO"), (0, b"ttcf"), (0, b"true\x00"), (0, b"\x00\x00\x01\x00"), (0, b"MThd"),
    (0, b"Xcur"), (0, b"glibc-ld.so.cache"), (0, b"ld.so-1.7.0"),
    # SQLite's logs, Berkeley DB, gdbm, LMDB, an index of git
    (0, b"\x37\x7f\x06\x82"), (0, b"\x37\x7f\x06\x83"), (0, b"\xd9\xd5\x05\xf9\x20\xa1"), (12, b"\x62\x31\x05\x00"),
    (12, b"\x61\x15\x06\x00"), (12, b"\x00\x05\x31\x62"), (12, b"\x00\x06\x15\x61"), (0, b"\xce\x9a\x57\x13"),
    (0, b"\xcf\x9a\x57\x13"), (16, b"\xde\xc0\xef\xbe"), (0, b"DIRC"),
    # R, IDL, PostScript fonts in segments, profiles of colours, bindings and resources of GNOME, keys of Java and PGP
    (0, b"X\n\x00\x00\x00"), (0, b"RDX2\n"), (0, b"RDX3\n"), (0, b"B\n\x02\x00\x00\x00"), (0, b"B\n\x03\x00\x00\x00"),
    (0, b"SR\x00\x04"), (0, b"\x80\x01"), (36, b"acsp"), (0, b"GOBJ\nMETADATA\r\n\x1a"), (0, b"GVariant"),
    (0, b"\xfe\xed\xfe\xed\x00\x00\x00"), (0, b"\x99\x01"), (0, b"\x99\x02"), (0, b"\x98\x33\x04"), (0, b"\xc6\xc1"),
    # caches of MIME kinds, animated cursors, compiled locales, sound banks
    (0, b"\x00\x01\x00\x02\x00\x00\x00"), (8, b"ACON"), (1, b"\x07\x03\x20"), (1, b"\x08\x03\x20"),
    (1, b"\x05\x05\x20"), (1, b"\x20\x05\x20"), (2, b"\x05\x20"), (2, b"\x03\x20"), (8, b"sfbk"),
    # NetCDF, shapes, shell links, a printer's settings in a spreadsheet
    (0, b"CDF\x01"), (0, b"CDF\x02"), (0, b"\x00\x00\x27\x0a"), (0, b"\x4c\x00\x00\x00\x01\x14\x02"), (64, b"\x01\x04"),
)  # fmt: skip
_DBASE = frozenset({0x02, 0x03, 0x30, 0x31, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5})
_CONTROL = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27})
_NAMED = frozenset({
    ".cab", ".arj", ".lzh", ".lha", ".rpm", ".dmg", ".vhd", ".vmdk", ".ace", ".zoo", ".arc", ".gpg", ".pgp", ".kdbx",
    ".lit", ".pst", ".mdb", ".accdb", ".swf", ".dwg", ".one", ".hlp", ".lzo", ".lz", ".nes", ".z",
})  # fmt: skip
_SURE = 0.7
_FEW_CONTROLS = 0.01  # share of the bytes: a log may have one by accident
_LEAST, _SAMPLE = 512, 64 * 1024
_NOISE = 7.6  # bits a byte; compressed or encrypted data comes close to eight


def unopened(content: Content, *, strict: bool = False) -> Unread | None:
    """The note about a file that could not be opened. None for text, and for binary kinds that hide nothing.

    With `strict` it is a file of its own. Then any unknown binary kind gets a note.
    """
    kind = _kind(content, strict=strict)
    if kind is None:
        return None
    return Unread(kind=kind, name="", why="unknown container", detail="searched as raw bytes")


def _kind(content: Content, *, strict: bool) -> str | None:
    head = content.head
    for at, mark, kind in _MARKS:
        if head.startswith(mark, at):
            return kind
    if _is_text(head) or len(head) < 16:
        return None
    for found in _by_library(head):
        if found.extension in _NAMED and found.confidence >= _SURE:
            return str(found.extension).lstrip(".")
    if len(head) >= _LEAST and _bits(head[-_SAMPLE:]) > _NOISE:
        return "unknown"
    return "unknown" if strict and not _is_plain(head) else None


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters, or text in another character set."""
    try:
        text = head[:_SAMPLE].decode()
    except UnicodeDecodeError as error:
        if error.start <= len(head) - 4:
            return charset_of(head) is not None
        text = head[: error.start].decode()
    controls = len(text) - len(text.encode().translate(None, _CONTROL)) if text.isascii() else text.count("\0")
    return controls <= _FEW_CONTROLS * len(text) or charset_of(head) is not None


def _is_plain(head: bytes) -> bool:
    dbase = head[0] in _DBASE and 1 <= head[2] <= 12 and 1 <= head[3] <= 31 and head[8] % 32 in (1, 8)
    return dbase or head.count(head[0]) == len(head) or any(head.startswith(mark, at) for at, mark in _PLAIN)


def _by_library(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return []


def _bits(data: bytes) -> float:
    """The entropy of single bytes in bits, corrected for short samples."""
    counts = Counter(data)
    measured = -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values())
    return measured + (255 / (2 * math.log(2) * len(data)))  # Miller and Madow, 1955
