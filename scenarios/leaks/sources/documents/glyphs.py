"""Puts texts that are drawn letter by letter into the lines that a reader sees, by the place of each letter."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

_SINGLE = 0.5  # share of runs of one or two letters, from which a page is put together
_SHORT = 2  # letters
_SAME_LINE = 0.4  # of the size of the letters
_WORD = 0.15  # of their size, beyond the usual gap of a line: between words, where no space was drawn
_EVEN = 0.6  # share of the steps
_USUAL = 0.556  # of their size: the width of most letters and of digits in common typefaces, and of the others:
_WIDTHS = {letter: width for letters, width in (
    ("ijl'|", 0.22), (".,:;!/\\ftI [] ", 0.28), ("r()-`", 0.33), ("ckszvxyJ", 0.5), ("FLTZ", 0.61),
    ("ABEKPSVXY&", 0.67), ("CDHNRUw", 0.72), ("GOQ", 0.78), ("Mm", 0.83), ("W", 0.94), ("@", 1.0),
) for letter in letters}  # fmt: skip
_COLUMN = 4.0  # times the letters' size: another column


class Glyph(msgspec.Struct, frozen=True, kw_only=True):
    """A run of text at a place, in points."""

    text: str
    x: float
    y: float
    size: float


def lines_of(glyphs: Sequence[Glyph]) -> str:
    """Lines from top to bottom, letters from left to right. Empty if the page is not drawn letter by letter.

    A line comes once with its drawn spaces only, and once with a space at each wide step.
    """
    drawn = [glyph for glyph in glyphs if glyph.text]
    short = sum(len(glyph.text) <= _SHORT for glyph in drawn)
    if len(drawn) < _SHORT or short < _SINGLE * len(drawn):
        return ""
    lines: list[str] = []
    for line in _lines(drawn):
        for column in _columns(line):
            lines += dict.fromkeys(("".join(glyph.text for glyph in column), "".join(_spaced(column))))
    return "\n".join(lines)


def _lines(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    line: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        if line and line[0].y - glyph.y > _SAME_LINE * glyph.size:
            yield sorted(line, key=lambda each: each.x)
            line = []
        line.append(glyph)
    yield sorted(line, key=lambda each: each.x)


def _columns(line: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    column = [line[0]]
    for before, glyph in pairwise(line):
        if glyph.x - before.x > _COLUMN * glyph.size * max(len(before.text) / 2, 1):
            yield column
            column = []
        column.append(glyph)
    yield column


def _spaced(column: Sequence[Glyph]) -> Iterator[str]:
    steps = [round(glyph.x - before.x, 1) for before, glyph in pairwise(column)]
    pitch = max(steps, key=steps.count, default=0.0)
    even = steps.count(pitch) > _EVEN * len(steps)  # a typeface of one width
    gaps = [step - (pitch if even else _width(before)) for step, before in zip(steps, column, strict=False)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    yield column[0].text
    for gap, (before, glyph) in zip(gaps, pairwise(column), strict=True):
        if gap > usual + _WORD * glyph.size and " " not in (before.text, glyph.text):
            yield " "
        yield glyph.text


def _width(glyph: Glyph) -> float:
    return glyph.size * sum(_WIDTHS.get(letter, _USUAL) for letter in glyph.text)
