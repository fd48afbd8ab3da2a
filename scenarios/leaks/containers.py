"""Bytes -> what a person could read in them, and the parts of container formats."""

import re
import struct
from collections.abc import Iterator

_RUNS = re.compile(
    rb"(?:[\x20-\x7e\t\r\n]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})
_MAX_CHUNKS = 1_000
_SOUND = b"data"
_RIFF = re.compile(rb"RIF[FX].{4}[A-Z0-9 ]{4}", re.DOTALL)


def printable(data: bytes, *, latin: bool = True) -> str:
    """Text as it is (UTF-8, else Latin-1 if `latin`); of anything binary the readable runs, one a line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and "\x00" not in text:
        return text
    if latin and text is None and len(data.translate(None, _CONTROL)) == len(data):
        return data.decode("latin-1")
    return b"\n".join(_RUNS.findall(data)).decode("utf-8", "replace")


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
