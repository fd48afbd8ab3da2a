"""Cuts a long text down to the parts in which a known place could be written.

A place is a latitude near a known one with a longitude beside it, or one word that begins as a known cell does. One
look-up in bulk (numpy) finds the few numbers and words with such a beginning.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.signals import merged, signals

AROUND = 520  # bytes; two coordinates that belong together stand nearer
_APART = "\n" + " " * 420 + ";\n"  # as far as no two numbers belong together
_POINT, _COMMA = 46, 44
_LEAST_SCALED, _MOST_SCALED = 7, 10  # digits
_LONG_MARKS, _LONG = ("polyline", "geometry"), 40_000  # bytes of one line on a map
_PLAIN_MARKS = ("degrees", "angles", "plus code", "tile", "grid", "mercator")
_WORD = np.array([chr(code).isalnum() and code < 128 for code in range(256)])
_GEOHASH = np.full(256, -1, np.int64)
for _at, _letter in enumerate(b"0123456789bcdefghjkmnpqrstuvwxyz"):
    _GEOHASH[_letter] = _GEOHASH[ord(chr(_letter).upper())] = _at
_HEX = np.full(256, -1, np.int64)
for _at, _letter in enumerate(b"0123456789abcdef"):
    _HEX[_letter] = _at
_LETTERS, _DIGITS = 6, 7  # of a geohash and of an S2 cell that are compared
_CELL_BITS = 27
_ZERO = 48
_VALUES = np.zeros(256, np.int64)
_VALUES[_ZERO : _ZERO + 10] = np.arange(10)
_DIGIT = np.array([_ZERO <= code < _ZERO + 10 for code in range(256)])

Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


class Nearby:
    """Knows how the known places begin. `rows` are latitudes in hundredths of a degree, rounded down. `hashes` and
    `cells` are the beginnings of their geohashes and S2 cells.
    """

    def __init__(self, rows: Iterable[int], hashes: Iterable[str], cells: Iterable[int]) -> None:
        self._rows = np.array(sorted(rows), np.int64)
        self._written_rows = np.unique(np.where(self._rows >= 0, self._rows, -self._rows - 1))
        codes = [[int(_GEOHASH[letter]) for letter in each.encode()] for each in hashes]
        self._hashes = np.unique(np.array([_number(each, 5) for each in codes], np.int64))
        self._cells = np.array(sorted(cells), np.int64)

    def parts(self, text: str, marks: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
        """Yield (marks, parts of the text): where a place could be written, and in which notations it should be looked
        for.
        """
        data = text.encode("utf-8", "replace")
        codes = np.frombuffer(data, np.uint8)
        if "decimals" in marks:
            yield frozenset({"decimals"}), _joined(data, self._written(codes))
        if "scaled" in marks:
            yield frozenset({"scaled"}), _joined(data, self._in_units(codes))
        for mark in _PLAIN_MARKS:
            if mark in marks:
                yield frozenset({mark}), _joined(data, signals().spans(mark, data, before=AROUND, after=AROUND))
        for mark in _LONG_MARKS:
            if mark in marks:
                yield frozenset({mark}), _joined(data, signals().spans(mark, data, before=60, after=_LONG))
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

    def _written(self, codes: Bytes) -> list[tuple[int, int]]:
        """Return spans around decimal numbers that begin as a known latitude, or end as one when read backwards."""
        last = len(codes) - 1
        points = np.flatnonzero((codes == _POINT) | (codes == _COMMA))
        points = points[(points > 0) & (points < last)]
        points = points[_DIGIT[codes[points - 1]] & _DIGIT[codes[points + 1]]]
        ahead, behind = _three(codes, points, -1), _three(codes, points, 1)
        first, second = codes[points - 1], codes[np.maximum(points - 2, 0)]
        third, fourth = codes[points + 1], codes[np.minimum(points + 2, last)]
        plain = ahead * 100 + _VALUES[third] * 10 + _VALUES[fourth]
        turned = behind * 100 + _VALUES[first] * 10 + _VALUES[second]
        told = _among(plain, self._written_rows)
        told |= _among(turned, self._written_rows) & (codes[points] == _POINT)
        return _around(points[told].tolist(), AROUND)

    def _in_units(self, codes: Bytes) -> list[tuple[int, int]]:
        """Return spans around whole numbers that are a known latitude times 10^7, 10^6 or 2^31/180, or one of the first
        backwards.
        """
        starts, sizes = runs(_DIGIT[codes])
        kept = (sizes >= _LEAST_SCALED) & (sizes <= _MOST_SCALED)
        starts, sizes = starts[kept], sizes[kept]
        if not len(starts):
            return []
        numbers, turned, power = (np.zeros(len(starts), np.int64) for _ in range(3))
        power += 1
        for at in range(_MOST_SCALED):
            inside = at < sizes
            digit = np.where(inside, _VALUES[codes[np.minimum(starts + at, len(codes) - 1)]], 0)
            numbers = np.where(inside, numbers * 10 + digit, numbers)
            turned += digit * power
            power *= 10
        told = np.zeros(len(numbers), np.bool_)
        for rows in (numbers // 100_000, numbers // 10_000, turned // 100_000, numbers * 18_000 >> 31):
            told |= _among(rows, self._rows) | _among(-rows - 1, self._rows)
        return _around(starts[told].tolist(), AROUND)


def _three(codes: Bytes, points: Numbers, step: int) -> Numbers:
    """Return the number made of up to three digits beside each point. The digit nearest to the point counts least."""
    number, inside = np.zeros(len(points), np.int64), np.ones(len(points), np.bool_)
    for at in range(3):
        beside = codes[np.clip(points + step * (at + 1), 0, len(codes) - 1)]
        inside &= _DIGIT[beside]
        number += np.where(inside, _VALUES[beside], 0) * 10**at
    return number


def runs(inside: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return where each run of true values begins, and how long it is."""
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if inside[0]:
        edges = np.concatenate([[0], edges])
    if len(edges) % 2:
        edges = np.concatenate([edges, [len(inside)]])
    return edges[::2], edges[1::2] - edges[::2]


def _words(data: bytes) -> tuple[Numbers, Numbers, Bytes]:
    """Return where each word begins, how long it is, and the text's bytes with a few zeros behind them."""
    codes = np.frombuffer(data + b"\0" * 16, np.uint8)
    return (*runs(_WORD[codes]), codes)


def _known(
    starts: Numbers, codes: npt.NDArray[np.uint8], table: Numbers, count: int, bits: int, spare: int, known: Numbers
) -> list[int]:
    """Return the starts whose first `count` symbols are a known number."""
    number = np.zeros(len(starts), np.int64)
    good = np.ones(len(starts), np.bool_)
    for at in range(count):
        value = table[codes[starts + at]]
        good &= value >= 0
        number = number << bits | np.maximum(value, 0)
    found: list[int] = starts[good & _among(number >> spare, known)].tolist()
    return found


def _among(numbers: Numbers, known: Numbers) -> npt.NDArray[np.bool_]:
    """Mark the numbers that stand in `known`, which is sorted."""
    if not len(known):
        return np.zeros(len(numbers), np.bool_)
    return np.asarray(known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers, np.bool_)


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
