"""Text -> what Ascii85, base85 (RFC 1924's symbols) and Z85 hide in it, found at any place and any offset.

Five symbols stand for four bytes, most significant first. Neither alphabet marks itself and JSON is full of their
symbols, so every group of the text is read at once, and only where two groups in a row could be text is it read on.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.archives import opens, plausible
from scenarios.leaks.decode.readable import is_wide

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
_MAX_CLOSED = 8_192  # symbols of a run without a mark
_LIMIT = 1 << 32


class Alphabet:
    """`symbols` by value."""

    def __init__(self, symbols: str) -> None:
        self._values = np.zeros(256, np.uint32)
        self._values[np.frombuffer(symbols.encode(), np.uint8)] = np.arange(85)
        self._members = np.zeros(256, np.bool_)
        self._members[np.frombuffer(symbols.encode() + b"z", np.uint8)] = True
        self._of = {symbol: at for at, symbol in enumerate(symbols.encode())}
        self._zeros = symbols[0].encode() * _GROUP if "z" not in symbols else None
        members = symbols.encode() + (b"" if self._zeros else b"z")
        self._name = symbols[:20].encode() + b"\0"
        self._alone = bytes(code if code in members else 32 for code in range(256))
        kinds = b"".join(re.escape(symbol.encode()) for symbol in symbols)
        self._marked = re.compile(
            b"(?:" + marks_of(symbols) + b")[" + kinds + (b"z" if self._zeros else b"") + b"]{8,}"
        )
        self._tail = re.compile(b"[" + kinds + b"]{0,4}")

    def pieces(self, text: bytes, tried: set[bytes] | None = None) -> Iterator[bytes]:
        """What can be read or opened, the longest there is of each run; runs in `tried` were read before."""
        tried = set() if tried is None else tried
        for match in self._marked.finditer(text):
            piece = self._bytes(match[0][:_MAX_SYMBOLS])
            if opens(piece) or plausible(piece):
                yield piece
        runs = [run for run in dict.fromkeys(text.translate(self._alone).split()) if len(run) >= 2 * _GROUP]
        fresh = [run for run in runs if self._name + run not in tried]
        tried.update(self._name + run for run in fresh)
        for run in self._closed(fresh):
            piece = self._bytes(run[:_MAX_SYMBOLS])
            if opens(piece) or is_wide(piece):
                yield piece
        if fresh:
            yield from self._readable(b"\n".join(fresh))

    def _closed(self, runs: list[bytes]) -> Iterator[bytes]:
        """Whole runs of symbols, for what is compressed without a mark; words and ids are none."""
        for run in runs:
            if self._zeros:
                yield from (match[1] for match in _FRAMED.finditer(run))
            if len(run) <= _MAX_CLOSED and not _ORDINARY.fullmatch(run) and not (run.islower() or run.isupper()):
                begins = [0, *(sign.end() for sign in _ASSIGNED.finditer(run[:_NAME]))]
                ends = [len(run), *(len(run) - sign.end() for sign in _QUERY.finditer(run[:-_NAME:-1]))]
                yield from (run[begin:end] for begin in begins[:_CUTS] for end in ends[:_CUTS])

    def _readable(self, text: bytes) -> Iterator[bytes]:
        groups, valid = self._groups(np.frombuffer(text, np.uint8))
        texty = valid & _texty(groups)
        starts = np.flatnonzero(texty[:-_GROUP] & texty[_GROUP:])
        if not len(starts):
            return
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

    def _groups(self, codes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """The number of the group that begins at each place, and whether it is one."""
        values, members = self._values[codes], self._members[codes]
        size = len(values) - _GROUP + 1
        number = values[:size].copy()
        for at in range(1, _GROUP):
            number *= np.uint32(85)
            number += values[at : at + size]
        valid = members[:size].copy()
        for at in range(1, _GROUP):
            valid &= members[at : at + size]
        # Beyond 2^32 the number has gone round: its first symbols are too large.
        first, second = values[:size], values[1 : size + 1]
        valid &= (first < 82) | ((first == 82) & (second <= 23))
        return number, valid

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


def _texty(groups: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """No control characters in any of the four bytes: none has its upper three bits empty, line ends excepted."""
    upper = groups & np.uint32(0xE0E0E0E0)
    empty = (upper - np.uint32(0x01010101)) & ~upper & np.uint32(0x80808080)
    told = empty == 0
    rest = np.flatnonzero(~told)
    if len(rest):
        four = groups[rest].astype(">u4").view(np.uint8).reshape(-1, 4)
        told[rest] = _TEXT[four].all(axis=1)
    return np.asarray(told, np.bool_)


def _could_begin(first: npt.NDArray[np.uint32], second: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
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


def marks_of(symbols: str) -> bytes:
    """The first three symbols of what begins as compressed data does, as alternatives of an expression."""
    found: dict[str, None] = {}
    for mark in _MARKS:
        low, high = (int.from_bytes(mark.ljust(4, fill)[:4], "big") for fill in (b"\0", b"\xff"))
        for three in range(low // 7_225, high // 7_225 + 1):
            found[symbols[three // 7_225] + symbols[three // 85 % 85] + symbols[three % 85]] = None
    return "|".join(map(re.escape, found)).encode()


_MARKS: tuple[bytes, ...] = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zX",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
)
_MARKS += (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x5d\0\0")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SYMBOLS = {
    "ascii85": "".join(map(chr, range(33, 118))),
    "base85": _LETTERS + "!#$%&()*+-;<=>?@^_`{|}~",
    "z85": _LETTERS[:10] + _LETTERS[36:] + _LETTERS[10:36] + ".-:+=^!/*?&<>()[]{}@%$#",
}
ALPHABETS = {name: Alphabet(symbols) for name, symbols in SYMBOLS.items()}
