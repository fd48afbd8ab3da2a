"""Looks at every group of five symbols of base85's alphabets (compiled): could text or something packed begin here?

`values` gives a symbol's value, zero for others; `members` marks the symbols; `marked` the upper halves of numbers
with which compressions begin. See `base85`, which does the same with numpy.
"""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes, ends_itself, reaches_the_end, reads
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
_NAME = 40  # symbols in front of something that begins inside a run
_MAX_CLOSED = 8_192  # symbols of a run without a mark


@jit
def likely_85(
    codes: Bytes, starts: Numbers, ends: Numbers, values: Values, members: Mask, signs: Mask, marked: Mask
) -> Mask:
    """Mark the runs in which something may begin. At least 16 zeros follow the last run."""
    hit = np.zeros(len(starts), np.bool_)
    head = np.zeros(12, np.uint8)
    texty = np.zeros(0, np.bool_)
    for run in range(len(starts)):
        begin, end = starts[run], ends[run]
        for place in range(begin, min(end, begin + _NAME + 1)):
            if end - place > _MAX_CLOSED or not (place == begin or signs[codes[place - 1]]):
                continue
            if _is_valid(codes, place, values, members):
                _fill(head, codes, place, values)
                size = (end - place) * 4 // 5
                if ends_itself(head, size) or reaches_the_end(head, size):
                    hit[run] = True
                    break
        if hit[run]:
            continue
        if len(texty) < end - begin:
            texty = np.zeros(2 * (end - begin), np.bool_)
        number = _group(codes, begin, values)
        for place in range(begin, end - 4):
            first = codes[place]
            is_valid = values[first] < 82 or (values[first] == 82 and values[codes[place + 1]] <= 23)
            texty[place - begin] = is_valid and _is_texty(number)
            if is_valid and marked[number >> 16]:
                hit[run] = True
                break
            at = place - begin - 10
            if at >= -5 and texty[place - begin] and texty[at + 5] and _begins(codes, place - 5, end, values, head):
                hit[run] = True
                break
            number = _next(number, values[first], values[codes[place + 5]])
    return hit


@jit
def _begins(codes: Bytes, place: int, end: int, values: Values, head: Bytes) -> bool:
    """Return whether text begins at a place with two groups that could be text."""
    _fill(head, codes, place, values)
    if reads(head, 8, True):
        return True
    if place + 15 > end or not reads(head, 12, False):
        return False
    third = _group(codes, place + 10, values)
    first = values[codes[place + 10]]
    valid = first < 82 or (first == 82 and values[codes[place + 11]] <= 23)
    return valid and _is_texty(third)


@jit
def survey_85(codes: Bytes, values: Values, members: Mask, marked: Mask) -> tuple[Values, Mask, Mask, Numbers, Numbers]:
    """Return of every place the number of its group, whether it is valid, and whether its bytes could be text; then
    the places where text may begin, and those of marks.
    """
    size = len(codes) - 4
    numbers, valid, texty = np.zeros(size, np.uint32), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    number, good = _group(codes, 0, values), 0
    for at in range(4):
        good = good + 1 if members[codes[at]] else 0
    starts, marks = np.zeros(size, np.int64), np.zeros(size, np.int64)
    count, count_marks = 0, 0
    for place in range(size):
        good = good + 1 if members[codes[place + 4]] else 0
        numbers[place] = number
        first = values[codes[place]]
        if good >= 5 and (first < 82 or (first == 82 and values[codes[place + 1]] <= 23)):
            valid[place] = True
            texty[place] = _is_texty(number)
            if marked[number >> 16]:
                marks[count_marks] = place
                count_marks += 1
        if place + 5 < len(codes):
            number = _next(number, first, values[codes[place + 5]])
    head = np.zeros(12, np.uint8)
    for place in range(size - 10):
        if texty[place] and texty[place + 5]:
            _fill(head, codes, place, values)
            if reads(head, 8, True) or (texty[place + 10] and reads(head, 12, False)):
                starts[count] = place
                count += 1
    return numbers, valid, texty, starts[:count].copy(), marks[:count_marks].copy()


@jit
def opening_85(codes: Bytes, places: Numbers, sizes: Numbers, values: Values) -> tuple[Mask, Mask]:
    """Return which beginnings could be what nothing may follow, and which what ends itself. `sizes` are in bytes."""
    cut, whole = np.zeros(len(places), np.bool_), np.zeros(len(places), np.bool_)
    head = np.zeros(12, np.uint8)
    for at in range(len(places)):
        _fill(head, codes, places[at], values)
        cut[at], whole[at] = reaches_the_end(head, sizes[at]), ends_itself(head, sizes[at])
    return cut, whole


@jit
def _next(number: np.uint32, first: np.uint32, symbol: np.uint32) -> np.uint32:
    """Return the number of the next group: without the first symbol, with one more."""
    return np.uint32((number - first * 52_200_625) * 85 + symbol)


@jit
def _group(codes: Bytes, place: int, values: Values) -> np.uint32:
    number = values[codes[place]]
    for at in range(1, 5):
        number = np.uint32(number * 85 + values[codes[place + at]])
    return number


@jit
def _fill(head: Bytes, codes: Bytes, place: int, values: Values) -> None:
    for step in range(3):
        number = _group(codes, place + 5 * step, values)
        for at in range(4):
            head[4 * step + at] = number >> 8 * (3 - at) & 255


@jit
def _is_valid(codes: Bytes, place: int, values: Values, members: Mask) -> bool:
    for at in range(5):
        if not members[codes[place + at]]:
            return False
    first = values[codes[place]]
    return first < 82 or (first == 82 and values[codes[place + 1]] <= 23)


@jit
def _is_texty(number: np.uint32) -> bool:
    """Return whether four bytes hold no control character except tabs and line ends."""
    upper = np.int64(number) & 0xE0E0E0E0
    if not (upper - 0x01010101) & ~upper & 0x80808080:
        return True
    for shift in range(0, 32, 8):
        code = np.int64(number) >> shift & 255
        if (code < 32 and code != 9 and code != 10 and code != 13) or code == 127:
            return False
    return True
