"""A long text -> the parts of it in which a known place could be written: all else is dismissed in bulk.

A place is a latitude near a known one with a longitude beside it, or one word that begins as the known cells do.
Numbers and words stand everywhere; the few with a known beginning are found by one set operation or numpy look-up.
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.signals import merged, signals

AROUND = 520  # bytes; two coordinates that belong together stand nearer
_APART = "\n" + " " * 420 + ";\n"  # as far as no two numbers belong together
_DECIMAL = re.compile(rb"[0-9]{1,3}[.,][0-9]{2}")
_BACKWARDS = re.compile(rb"[0-9]{2}\.[0-9]{1,3}")
_SCALED = re.compile(rb"[0-9]{7,10}")
_PLAIN_MARKS = ("degrees", "angles", "plus code", "tile", "grid")
_WORD = np.array([chr(code).isalnum() and code < 128 for code in range(256)])
_GEOHASH = np.full(256, -1, np.int64)
for _at, _letter in enumerate(b"0123456789bcdefghjkmnpqrstuvwxyz"):
    _GEOHASH[_letter] = _GEOHASH[ord(chr(_letter).upper())] = _at
_HEX = np.full(256, -1, np.int64)
for _at, _letter in enumerate(b"0123456789abcdef"):
    _HEX[_letter] = _at
_LETTERS, _DIGITS = 6, 7  # of a geohash and of an S2 cell that are compared
_CELL_BITS = 27

Numbers = npt.NDArray[np.int64]


class Nearby:
    """`rows`: hundredths of a degree of latitude, rounded down; `hashes`, `cells`: how geohashes and S2 cells begin."""

    def __init__(self, rows: Iterable[int], hashes: Iterable[str], cells: Iterable[int]) -> None:
        self._rows = np.array(sorted(rows), np.int64)
        written = {f"{row // 100}.{row % 100:02d}" for row in (r if r >= 0 else -r - 1 for r in self._rows.tolist())}
        written |= {("0" * pad + each) for each in written for pad in (1, 2)}
        self._decimals = {each.encode() for each in written} | {each.replace(".", ",").encode() for each in written}
        self._backwards = {each[::-1].encode() for each in written}
        codes = [[int(_GEOHASH[letter]) for letter in each.encode()] for each in hashes]
        self._hashes = np.unique(np.array([_number(each, 5) for each in codes], np.int64))
        self._cells = np.array(sorted(cells), np.int64)

    def parts(self, text: str, marks: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
        """(marks, the parts of the text for which they are) of what is worth a closer look."""
        data = text.encode("utf-8", "replace")
        if "decimals" in marks:
            yield frozenset({"decimals"}), _joined(data, self._written(data))
        if "scaled" in marks:
            yield frozenset({"scaled"}), _joined(data, self._in_units(data))
        for mark in _PLAIN_MARKS:
            if mark in marks:
                yield frozenset({mark}), _joined(data, signals().spans(mark, data, before=AROUND, after=AROUND))
        if marks.isdisjoint({"cells", "geohash"}):
            return
        starts, sizes, codes = _words(data)
        if "geohash" in marks:
            kept = (sizes >= _LETTERS + 1) & (sizes <= 12)
            places = _known(starts[kept], codes, _GEOHASH, _LETTERS, 5, 0, self._hashes)
            yield frozenset({"geohash"}), _joined(data, _around(places, 20))
        if "cells" in marks:
            spans = signals().spans("cells", data, before=120, after=60)
            hexes = np.where((codes[starts] == 48) & (codes[np.minimum(starts + 1, len(codes) - 1)] == 120), 2, 0)
            kept = (sizes - hexes >= _DIGITS) & (sizes <= 18)
            begins = (starts + hexes)[kept]
            spare = 4 * _DIGITS - _CELL_BITS
            places = _known(begins, codes, _HEX, _DIGITS, 4, spare, self._cells)
            yield frozenset({"cells"}), _joined(data, [*spans, *_around(places, 30)])

    def _written(self, data: bytes) -> list[tuple[int, int]]:
        """Around decimal numbers that begin, or backwards end, as a known latitude."""
        found = []
        for pattern, known in ((_DECIMAL, self._decimals), (_BACKWARDS, self._backwards)):
            if not known.isdisjoint(pattern.findall(data)):
                found += [match.start() for match in pattern.finditer(data) if match[0] in known]
        return _around(sorted(found), AROUND)

    def _in_units(self, data: bytes) -> list[tuple[int, int]]:
        """Around whole numbers that are a known latitude times 10^7 or 10^6, or such a one backwards."""
        digits = _SCALED.findall(data)
        if not digits:
            return []
        numbers = np.array(list(map(int, digits)), np.int64)
        turned = np.array(list(map(int, b" ".join(digits)[::-1].split()))[::-1], np.int64)
        told = np.zeros(len(numbers), np.bool_)
        for rows in (numbers // 100_000, numbers // 10_000, turned // 100_000):
            told |= np.isin(rows, self._rows) | np.isin(-rows - 1, self._rows)
        if not told.any():
            return []
        places = [match.start() for match in _SCALED.finditer(data)]
        return _around([places[at] for at in np.flatnonzero(told).tolist()], AROUND)


def _words(data: bytes) -> tuple[Numbers, Numbers, npt.NDArray[np.uint8]]:
    """(where each begins, how long it is, the bytes of the text with a few behind them)."""
    codes = np.frombuffer(data + b"\0" * 16, np.uint8)
    word = _WORD[codes]
    edges = np.flatnonzero(word[1:] != word[:-1]) + 1
    if word[0]:
        edges = np.concatenate([[0], edges])
    starts, ends = edges[::2], edges[1::2]
    return starts, ends - starts, codes


def _known(
    starts: Numbers, codes: npt.NDArray[np.uint8], table: Numbers, count: int, bits: int, spare: int, known: Numbers
) -> list[int]:
    """The starts whose first `count` symbols are a known number."""
    number = np.zeros(len(starts), np.int64)
    good = np.ones(len(starts), np.bool_)
    for at in range(count):
        value = table[codes[starts + at]]
        good &= value >= 0
        number = number << bits | np.maximum(value, 0)
    found: list[int] = starts[good & np.isin(number >> spare, known)].tolist()
    return found


def _number(symbols: Iterable[int], bits: int) -> int:
    number = 0
    for symbol in symbols:
        number = number << bits | symbol
    return number


def _around(places: Iterable[int], around: int) -> list[tuple[int, int]]:
    return [(place - around, place + around) for place in places]


def _joined(data: bytes, spans: Iterable[tuple[int, int]]) -> str:
    ordered = sorted(spans)
    parts = (data[begin:end].decode("utf-8", "replace") for begin, end in (merged(ordered, data) if ordered else ()))
    return _APART.join(parts)
