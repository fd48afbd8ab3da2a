"""Bytes -> what a person could read in them, and what container formats hold."""

import re
import struct
import zlib
from collections.abc import Iterator

from scenarios.leaks.decode.archives import MAGICS, members, unmarked

Found = Iterator[tuple[str, bytes]]  # decoding step, what it gave

_RUNS = re.compile(
    rb"(?:[\x20-\x7e\t\r\n]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})
_MAX_CHUNKS = 1_000
_MAX_STREAMS = 16  # compressed streams looked for inside one layer
_GZIP = b"\x1f\x8b\x08"
_MARKED = re.compile(b"|".join(map(re.escape, (_GZIP, *MAGICS))))
_UTF16 = (re.compile(rb"(?:[\x20-\x7e]\x00){5,}"), re.compile(rb"(?:\x00[\x20-\x7e]){5,}"))
_SOUND = b"data"
_RIFF = re.compile(rb"RIF[FX].{4}[A-Z0-9 ]{4}", re.DOTALL)


def readable(data: bytes, *, latin: bool = True) -> tuple[str, bool]:
    """Text as it is (UTF-8, else Latin-1 if `latin`); of anything binary the readable runs, one a line, and True."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and "\x00" not in text:
        return text, False
    if latin and text is None and len(data.translate(None, _CONTROL)) == len(data):
        return data.decode("latin-1"), False
    return b"\n".join(_RUNS.findall(data)).decode("utf-8", "replace"), True


def is_container(data: bytes) -> bool:
    """Whether `in_bytes` would find something that is not text."""
    return _MARKED.search(data) is not None or _is_zlib(data) or _RIFF.match(data) is not None


def begins_container(data: bytes) -> bool:
    """Whether its first bytes are a container's mark."""
    return _MARKED.match(data) is not None or _is_zlib(data) or _RIFF.match(data) is not None


def in_bytes(data: bytes, limit: int, *, binary: bool = False) -> Found:
    """Compressed streams, chunks and wide text, as (step, bytes); at most `limit` + 1 bytes each.

    What is `binary` is tried as the compressions that have no mark, too.
    """
    yield from _compressed(data, limit)
    yield from members(data, limit)
    if binary and not _marked(data):
        yield from unmarked(data, limit)
    for chunk in riff_chunks(data):
        yield "riff", chunk
    if b"\x00" in data:
        for pattern in _UTF16:
            runs = [run.replace(b"\x00", b"") for run in pattern.findall(data)]
            if runs:
                yield "utf-16", b"\n".join(runs)


def is_wide(data: bytes) -> bool:
    """Whether UTF-16 text stands in it."""
    return b"\x00" in data and any(pattern.search(data) for pattern in _UTF16)


def _marked(data: bytes) -> bool:
    return begins_container(data) or data.startswith(b"RIFF")


def riff_chunks(data: bytes) -> Iterator[bytes]:
    """Chunks of a WAV (or other RIFF) file except its samples, lists taken apart, and what trails the file."""
    if not _RIFF.match(data):
        return
    size = struct.unpack_from("<I" if data[3:4] == b"F" else ">I", data, 4)[0]
    end = min(len(data), 8 + size)
    yield from _chunks(data, 12, end, "<I" if data[3:4] == b"F" else ">I")
    if end < len(data):
        yield data[end:]


def _chunks(data: bytes, at: int, end: int, order: str) -> Iterator[bytes]:
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            if at < end:
                yield data[at:end]
            return
        name, size = data[at : at + 4], struct.unpack_from(order, data, at + 4)[0]
        last = min(end, at + 8 + size)
        if name == b"LIST":
            yield from _chunks(data, at + 12, last, order)
        elif name != _SOUND:
            yield data[at + 8 : last]
        at += 8 + size + (size & 1)


def _compressed(data: bytes, limit: int) -> Found:
    """gzip anywhere, zlib at the start; a bomb is read up to the bound."""
    if _is_zlib(data):
        yield from _inflate("zlib", data, zlib.MAX_WBITS, limit)
    at = data.find(_GZIP) if b"\x8b" in data else -1  # one byte is looked for many times faster than three
    for _ in range(_MAX_STREAMS):
        if at < 0:
            return
        yield from _inflate("gzip", data[at:], zlib.MAX_WBITS | 16, limit)
        at = data.find(_GZIP, at + 1)


def _is_zlib(data: bytes) -> bool:
    """RFC 1950's header, 32 KB window, without a preset dictionary (which nobody could read, and "x " looks like)."""
    return len(data) > 2 and data[0] == 0x78 and not data[1] & 0x20 and int.from_bytes(data[:2], "big") % 31 == 0


def _inflate(step: str, data: bytes, window: int, limit: int) -> Found:
    stream = zlib.decompressobj(window)
    try:
        inflated = stream.decompress(data, limit + 1)
    except zlib.error:
        inflated = _inflate_broken(data, window, limit)
    if inflated:
        yield step, inflated


def _inflate_broken(data: bytes, window: int, limit: int) -> bytes:
    """What a damaged or cut stream still gives, to the byte before the damage."""
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
