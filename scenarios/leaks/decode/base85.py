"""Text -> what Ascii85 and base85 (RFC 1924's symbols) hide in it, found at any place and any offset.

Five symbols stand for four bytes, most significant first. Neither alphabet marks itself and JSON is full of their
symbols, so every group of the text is read at once, and only where two groups in a row could be text is it read on.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.archives import opens, plausible

_GROUP = 5
_PREFIX = 8  # groups given up at the end before a run is
_TRIES = 16  # beginnings of one run
_MAX_SYMBOLS = 200_000  # of one run; longer ones are read up to there
_FRAMED = re.compile(rb"<~([!-uz]{6,})~>")
_ORDINARY = re.compile(rb"[A-Z]?[a-z]+(?:[-_][A-Za-z]+)*[!?;]?|[0-9_-]+")
_ASSIGNED = re.compile(rb"[A-Za-z_-]=(?=[^=])")  # "next=" is of the same alphabet
_QUERY = re.compile(rb"[?&;]")
_CUTS = 4  # at either end
_NAME = 40  # symbols
_LIMIT = 1 << 32
_NONE = 255


class Alphabet:
    """`symbols` by value; `marked` finds what begins as compressed data does, in this alphabet."""

    def __init__(self, symbols: str, marked: bytes) -> None:
        self._values = np.full(256, _NONE, np.int64)
        self._values[np.frombuffer(symbols.encode(), np.uint8)] = np.arange(85)
        self._of = {symbol: at for at, symbol in enumerate(symbols.encode())}
        self._zeros = symbols[0].encode() * _GROUP if "z" not in symbols else None
        kinds = b"".join(re.escape(symbol.encode()) for symbol in symbols)
        self._marked = re.compile(b"(?:" + marked + b")[" + kinds + (b"z" if self._zeros else b"") + b"]{8,}")
        self._run = re.compile(b"[" + kinds + (b"z" if self._zeros else b"") + b"]{10,}")
        self._tail = re.compile(b"[" + kinds + b"]{0,4}")

    def pieces(self, text: bytes) -> Iterator[bytes]:
        """What can be read or opened, the longest there is of each run."""
        for match in self._marked.finditer(text):
            piece = self._bytes(match[0][:_MAX_SYMBOLS])
            if opens(piece) or plausible(piece):
                yield piece
        for run in self._closed(text):
            piece = self._bytes(run[:_MAX_SYMBOLS])
            if opens(piece):
                yield piece
        if len(text) >= 2 * _GROUP:
            yield from self._readable(text)

    def _closed(self, text: bytes) -> Iterator[bytes]:
        """Whole runs of symbols, for what is compressed without a mark; words and ids are none."""
        framed = [match[1] for match in _FRAMED.finditer(text)] if self._zeros else []
        yield from framed
        for match in self._run.finditer(text) if not self._zeros else ():
            run = match[0]
            if not _ORDINARY.fullmatch(run) and not (run.islower() or run.isupper()):
                begins = [0, *(sign.end() for sign in _ASSIGNED.finditer(run[:_NAME]))]
                ends = [len(run), *(len(run) - sign.end() for sign in _QUERY.finditer(run[:-_NAME:-1]))]
                yield from (run[begin:end] for begin in begins[:_CUTS] for end in ends[:_CUTS])

    def _readable(self, text: bytes) -> Iterator[bytes]:
        groups, valid = self._groups(np.frombuffer(text, np.uint8))
        texty = valid & _texty(groups)
        starts = np.flatnonzero(texty[:-_GROUP] & texty[_GROUP:])
        starts = starts[_could_begin(groups[starts], groups[starts + _GROUP])]
        by_offset = [texty[offset::_GROUP].tobytes() for offset in range(_GROUP)]
        read_to, tries = [0] * _GROUP, [0] * _GROUP
        for start in starts.tolist():
            offset = start % _GROUP
            if start < read_to[offset]:
                continue
            end = by_offset[offset].find(b"\0", start // _GROUP)
            end = offset + _GROUP * (end if end >= 0 else len(by_offset[offset]))
            found = self._longest(text, start, min(end, start + _MAX_SYMBOLS))
            tries[offset] += 1
            if found or tries[offset] >= _TRIES:
                read_to[offset], tries[offset] = end, 0
            yield from found

    def _longest(self, text: bytes, start: int, end: int) -> list[bytes]:
        """A run, as long as it reads: with what of a last, shorter group belongs to it, or without its last groups."""
        whole = self._bytes(text[start:end])
        for cut in range(min(len(whole) // 4 - 1, _PREFIX)):
            kept = whole[: len(whole) - 4 * cut]
            match = self._tail.match(text, start + len(kept) // 4 * _GROUP)
            rest = match[0] if match else b""
            longer = (kept + self._bytes(rest[:size]) for size in (0, 2, 3, 4) if size <= len(rest))
            found = [piece for piece in longer if plausible(piece)]
            if found:
                return found
        return []

    def _groups(self, codes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """The number of the group that begins at each place, and whether it is one."""
        values = self._values[codes]
        size = len(values) - _GROUP + 1
        number = np.zeros(size, np.int64)
        for at in range(_GROUP):
            number *= 85
            number += values[at : at + size]
        bad = np.concatenate([[0], np.cumsum(values == _NONE)])
        return number, (bad[_GROUP:] == bad[:-_GROUP]) & (number < _LIMIT)

    def _bytes(self, run: bytes) -> bytes:
        """Groups of five; `z` for four zeros (Adobe); a last group of n symbols gives n - 1 bytes."""
        if self._zeros and b"z" in run:
            run = run.replace(b"z", self._zeros)
        out = bytearray()
        for at in range(0, len(run), _GROUP):
            number, size = 0, min(_GROUP, len(run) - at)
            for symbol in range(_GROUP):
                number = number * 85 + (self._of[run[at + symbol]] if symbol < size else 84)
            if number >= _LIMIT:
                break
            out += number.to_bytes(4, "big")[: size - 1]
        return bytes(out)


def _texty(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """No control characters in any of the four bytes."""
    told = np.ones(len(groups), np.bool_)
    for shift in (0, 8, 16, 24):
        told &= _TEXT[(groups >> shift) & 0xFF]
    return told


def _could_begin(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether eight bytes are UTF-8, as far as leading and following bytes tell."""
    together = (first.astype(np.uint64) << np.uint64(32)) | second.astype(np.uint64)
    table = together.astype(">u8").view(np.uint8).reshape(-1, 8)
    leads, follows = table >= 0xC2, (table & 0xC0) == 0x80
    after = np.zeros_like(leads)
    after[:, 1:] = leads[:, :-1]
    follows_well = after | np.roll(follows, 1, axis=1)
    follows_well[:, 0] = False
    well: npt.NDArray[np.bool_] = ((~follows | follows_well) & (~after | follows) & (table < 0xF5)).all(axis=1)
    return well


_TEXT = np.array([code in (9, 10, 13) or (code >= 32 and code != 127) for code in range(256)])
ASCII85 = Alphabet("".join(map(chr, range(33, 118))), rb"\+,\^[C-F]|G[Qabgh]|:eLln|rAT%|6<\\%_")
RFC1924 = Alphabet(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    rb"ABz|c[$%m-]|P\)h>@|\{Wp48|LRx4!",
)
