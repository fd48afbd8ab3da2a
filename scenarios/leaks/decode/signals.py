"""Tells which decoders and matchers could find anything in a text, in one pass.

Most text is plain. Each reader has a mark: an expression that matches in every text in which the reader finds
something. A mark may match without any find behind it, but never the other way round.
`tests/scenarios/leaks/decode/test_signals.py` checks that for every reader.

All marks are searched in one pass (Hyperscan), or one expression after the other without it. A long text is searched
for one mark at a time: most marks alone run at several gigabytes a second, all of them together do not. A slow
expression runs only where a quick one, its gate, has matched.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from scenarios.leaks.decode.compiled import compiled
from scenarios.leaks.decode.expressions import GATES, LOCATORS, MARKS
from scenarios.leaks.needles.literals import hyperscan

ALL = frozenset(MARKS)
_CASELESS = frozenset({"named", "said", "said abroad"})
BULK = 4_096  # bytes from which readers look around their marks only
_APART = 4_096  # bytes from which one expression after the other is quicker
_NEAR = 80  # bytes


def merged(spans: Sequence[tuple[int, int]], data: bytes) -> list[tuple[int, int]]:
    """Return the spans in order. Spans that meet become one. Each grows to the nearest word end on either side, if one
    is near.
    """
    table = np.array(spans, np.int64)
    apart = np.flatnonzero(table[1:, 0] > np.maximum.accumulate(table[:-1, 1])) + 1
    begins = table[np.concatenate([[0], apart]), 0].tolist()
    ends = np.maximum.reduceat(table[:, 1], np.concatenate([[0], apart])).tolist()
    return [(_edge(data, begin), _last(data, end)) for begin, end in zip(begins, ends, strict=True)]


def _edge(data: bytes, at: int) -> int:
    """Return `at`, or the beginning of the line or word shortly before it, so that no code and no character is cut."""
    if at <= 0:
        return 0
    line = data.rfind(b"\n", max(0, at - _NEAR), at)
    found = line if line >= 0 else data.rfind(b" ", max(0, at - _NEAR), at)
    return found + 1 if found >= 0 else _character(data, at)


def _last(data: bytes, at: int) -> int:
    if at >= len(data):
        return len(data)
    line = data.find(b"\n", at, at + _NEAR)
    found = line if line >= 0 else data.find(b" ", at, at + _NEAR)
    return found if found >= 0 else _character(data, at)


def _character(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


class Signals:
    """The compiled marks. An instance must not be used by two threads at once."""

    def __init__(self, *, plain: bool = False) -> None:
        self._every = [(name, each) for name, alternatives in MARKS.items() for each in alternatives]
        self._plain = plain or hyperscan is None
        self._searches: dict[str, Callable[[bytes], bool]] = {}
        self._databases: dict[str, Any] = {}
        if not self._plain:
            flags = [_flags(name) for name, _ in self._every]
            self._together = compiled([each for _, each in self._every], flags)

    def present(self, data: bytes) -> frozenset[str]:
        """Return the names of the marks that match in UTF-8 text."""
        if self._plain or len(data) >= _APART:
            return self._one_by_one(data)
        found: set[int] = set()
        self._together.scan(data, match_event_handler=lambda i, _s, _e, _f, _c: found.add(i))
        return frozenset(self._every[i][0] for i in found)

    def stands(self, name: str, data: bytes) -> bool:
        """Return whether one mark matches."""
        return any(self._search(expression, name)(data) for expression in MARKS[name])

    def spans(self, name: str, data: bytes, *, before: int, after: int) -> list[tuple[int, int]]:
        """Return (begin, end) around every match of one mark. Spans end at word ends where one is near."""
        ends = self._ends(name, data)
        return merged([(end - before, end + after) for end in ends], data) if ends else []

    def windows(self, name: str, data: bytes, around: int) -> list[bytes]:
        """Return the parts of the text around every match of one mark, or all of a short text."""
        if len(data) < BULK:
            return [data]
        return [data[begin:end] for begin, end in self.spans(name, data, before=around, after=around)]

    def texts(self, name: str, text: str, around: int) -> list[str]:
        """Return `windows` of a text as texts."""
        if len(text) < BULK:
            return [text]
        return [part.decode("utf-8", "replace") for part in self.windows(name, text.encode("utf-8", "replace"), around)]

    def _ends(self, name: str, data: bytes) -> list[int]:
        """Return the ends of all matches of a mark, in order."""
        expressions = LOCATORS.get(name) or MARKS[name]
        if self._plain:
            flags = re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0)
            return sorted({m.end() for each in expressions for m in re.compile(each.encode(), flags).finditer(data)})
        if name not in self._databases:
            once = int(hyperscan.HS_FLAG_SINGLEMATCH)
            self._databases[name] = compiled(expressions, [_flags(name) & ~once] * len(expressions))
        ends: list[int] = []
        self._databases[name].scan(data, match_event_handler=lambda _i, _s, end, _f, _c: ends.append(end))
        return sorted(ends) if len(expressions) > 1 else ends

    def _one_by_one(self, data: bytes) -> frozenset[str]:
        told: dict[str, bool] = {}

        def stands(expression: str, name: str = "") -> bool:
            if expression not in told:
                gate = GATES.get(expression)
                told[expression] = (gate is None or stands(gate)) and self._search(expression, name)(data)
            return told[expression]

        return frozenset(
            name for name, alternatives in MARKS.items() if any(stands(each, name) for each in alternatives)
        )

    def _search(self, expression: str, name: str) -> Callable[[bytes], bool]:
        if expression not in self._searches:
            self._searches[expression] = _plainly(expression, name) if self._plain else _alone(expression, name)
        return self._searches[expression]


def _plainly(expression: str, name: str) -> Callable[[bytes], bool]:
    pattern = re.compile(expression.encode(), re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0))
    return lambda data: pattern.search(data) is not None


def _alone(expression: str, name: str) -> Callable[[bytes], bool]:
    database = compiled([expression], [_flags(name)])

    def stands(data: bytes) -> bool:
        try:
            database.scan(data, match_event_handler=lambda *_match: True)  # True ends the scan
        except hyperscan.ScanTerminated:
            return True
        return False

    return stands


def _flags(name: str) -> int:
    caseless = hyperscan.HS_FLAG_CASELESS if name in _CASELESS else 0
    return int(hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL | caseless)


@cache
def signals(*, plain: bool = False) -> Signals:
    return Signals(plain=plain)
