"""Reads what binary containers hold, and strings whose length is written in front of them."""

import re
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.packed.marked import streams
from scenarios.leaks.decode.packed.marks import Found, begins_marked, is_binary, is_marked
from scenarios.leaks.decode.packed.readable import is_wide, readable, wide
from scenarios.leaks.decode.packed.unmarked import unmarked

__all__ = ["Found", "begins_container", "in_bytes", "is_container", "is_wide", "readable", "riff_chunks"]

_MAX_CHUNKS = 1_000
_SOUND = b"data"
_RIFF = re.compile(rb"RIF[FX].{4}[A-Z0-9 ]{4}", re.DOTALL)
_STRINGS = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){5,4096}")
_LEAST_STRING, _SIGNS = 4, 4  # bytes of a string, and of what the next value's type may look like behind it
_SMALL, _SMALL_SHARE = 256, 0.4  # bytes; share of bytes that are no text, above which it holds no strings
_TEXT = bytes([9, 10, 13, *range(32, 127)])
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})
_LONG_RUN = 512  # readable bytes
_FAR, _LINE_END = 1_024, 10  # bytes; a sign
_ODD = np.array([code in _CONTROL or code >= 0x7F for code in range(256)])
_MOST_STRINGS = 20_000  # of one layer
_BLANK = 0x20
_CBOR_TEXT, _CBOR_TEXT_8 = 0x60, 0x78  # RFC 8949, 3: major type 3 with its length in the byte, or in the next


def is_container(data: bytes) -> bool:
    """Return whether the bytes hold a compression's mark or begin as a RIFF file."""
    return is_marked(data) or _RIFF.match(data) is not None


def begins_container(data: bytes) -> bool:
    """Return whether the bytes begin with a container's mark."""
    return begins_marked(data) or _RIFF.match(data) is not None


def in_bytes(data: bytes, limit: int, *, binary: bool = False, sure: bool = True, strings: bool = True) -> Found:
    """Yield (step, bytes) of compressed streams, RIFF chunks, wide text and, with `strings`, length-prefixed strings,
    at most `limit` + 1 bytes each.

    With `binary`, compressions without a mark are tried too. `sure` says that the bytes are no guess of a decoder.
    """
    if not is_binary(data):
        return
    yield from streams(data, limit)
    if binary and not begins_container(data) and not data.startswith(b"RIFF"):
        yield from unmarked(data, limit, sure=sure)
    for chunk in riff_chunks(data):
        yield "riff", chunk
    yield from wide(data)
    if strings and (glued := _measured(data)):
        yield "strings", glued


def _measured(data: bytes) -> bytes:
    """Return the strings that stand behind their own length, one a line, as CBOR, Pascal strings and protobuf write
    them.

    A length that is a readable byte would otherwise be read as a letter of the string before or behind it.
    """
    found: list[bytes] = []
    if len(data.translate(None, _CONTROL)) == len(data):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return b""
    if len(data) <= _SMALL and len(data.translate(None, _TEXT)) > _SMALL_SHARE * len(data):
        return b""
    if fast := kernels(0):
        codes = np.frombuffer(data + b"\0", np.uint8)
        spans = _beside_binary(np.array([match.span() for match in _STRINGS.finditer(data)], np.int64), codes[:-1])
        begins, ends = fast.measured_in(codes, *spans.T.copy(), _MOST_STRINGS)
        return b"\n".join(dict.fromkeys(data[at:end] for at, end in zip(begins.tolist(), ends.tolist(), strict=True)))
    runs = np.array([match.span() for match in _STRINGS.finditer(data)], np.int64)
    for begin, end in _beside_binary(runs, np.frombuffer(data, np.uint8)).tolist():
        found += _taken_apart(data[begin:end])
        found += _counted(data, begin, end - begin)
        if len(found) > _MOST_STRINGS:
            break
    return b"\n".join(dict.fromkeys(found))


def _beside_binary(spans: npt.NDArray[np.int64], codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the runs but for the lines of a text with nothing binary near. Lines hold lengths by chance, and one odd
    byte makes a whole page binary.
    """
    spans = spans.reshape(-1, 2)
    ends = np.concatenate([codes, [_LINE_END]])  # what stands before the first byte, too
    is_line = (ends[spans[:, 0] - 1] < _BLANK) & (ends[spans[:, 1]] < _BLANK)
    odd = np.concatenate([[-_FAR], np.flatnonzero(_ODD[codes]), [len(codes) + _FAR]])
    at = np.searchsorted(odd, spans[:, 0])
    near = (spans[:, 0] - odd[at - 1] < _FAR) | (odd[np.searchsorted(odd, spans[:, 1])] - spans[:, 1] < _FAR)
    return np.ascontiguousarray(spans[near | ~is_line])


def _counted(data: bytes, at: int, size: int) -> Iterator[bytes]:
    """Yield the beginning of a run whose length is written in front of it. The rest of the run is the next value's sign
    or length.

    The length may be one byte, alone or combined with a type, or two or four bytes in either order. It may be a
    readable byte itself.
    """
    for begin in (at, at + 1):
        before = data[max(begin - 4, 0) : begin]
        if not before:
            continue
        last = before[-1]
        lengths = {last, last - 0x80, last - 0xA0, last - 0x50, last - 5}  # Ion, MessagePack, property lists, Ruby
        lengths |= {int.from_bytes(before[-2:], "big"), int.from_bytes(before[-2:], "little")}
        lengths |= {int.from_bytes(before, "little"), int.from_bytes(before, "big")}
        for length in sorted(lengths):
            if length >= _LEAST_STRING and 0 < size - (begin - at) - length <= _SIGNS:
                yield data[begin : begin + length]


def _taken_apart(run: bytes) -> Iterator[bytes]:
    """Yield the strings of a run that end where the run ends or where the next string's length stands.

    A long run holds chains of such lengths by chance. In a long run a string that would end inside a word is left out.
    """
    size = len(run)
    ends = {size}
    found = []
    for at in range(size - _LEAST_STRING - 1, -1, -1):
        code = run[at]
        if code == _BLANK and _BLANK in (run[at + 1], run[at - 1] if at else 0):
            continue  # columns are filled with them
        lengths = (code, code - _CBOR_TEXT) if code != _CBOR_TEXT_8 else (code, run[at + 1] + 1)
        for length in lengths:
            if length > 0 and at + 1 + length in ends:
                ends.add(at)
                end = at + 1 + length
                inside = size > _LONG_RUN and run[end - 1 : end + 1].isalpha() and run[end : end + 1].islower()
                if length >= _LEAST_STRING and not inside:
                    found.append(run[at + 1 : at + 1 + length])
    yield from reversed(found)


def riff_chunks(data: bytes) -> Iterator[bytes]:
    """Yield the chunks of a RIFF file (WAV and others) and what follows the file. Lists are taken apart; sound samples
    are left out.
    """
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
