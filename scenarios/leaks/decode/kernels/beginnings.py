"""Judges where values in base45 and basE91 may begin (compiled). See `bases`, which does the same with numpy."""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes, ends_itself, reaches_the_end, reads
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@jit
def beginnings_in(
    codes: Bytes, starts: Numbers, ends: Numbers, signs: Mask, near: int, most: int
) -> tuple[Numbers, Numbers]:
    """Return (begin, end) of each run and of the first places behind one of the `signs`, at most `most` of a run."""
    begins, stops = np.empty(most * len(starts), np.int64), np.empty(most * len(starts), np.int64)
    count = 0
    for run in range(len(starts)):
        start, end = starts[run], ends[run]
        begins[count], stops[count] = start, end
        count += 1
        of_run = 1
        for place in range(max(start, 1), min(end, start + near) + 1):
            if of_run == most:
                break
            if signs[codes[place - 1]]:
                begins[count], stops[count] = place, end
                count += 1
                of_run += 1
    return begins[:count].copy(), stops[:count].copy()


@jit
def begins_45(codes: Bytes, begin: Numbers, end: Numbers, table: Numbers, packed: int) -> Mask:
    """Mark the places where base45 gives text, or something packed of at least `packed` symbols."""
    told, head = np.zeros(len(begin), np.bool_), np.zeros(12, np.uint8)
    for at in range(len(begin)):
        valid = 0
        whole = True
        for triple in range(6):
            place = begin[at] + 3 * triple
            one, two, three = table[codes[place]], table[codes[place + 1]], table[codes[place + 2]]
            number = one + 45 * two + 2_025 * three
            good = one >= 0 and two >= 0 and three >= 0 and number < 65_536 and place + 2 < end[at]
            whole = whole and good
            valid += whole
            head[2 * triple], head[2 * triple + 1] = (number >> 8, number & 255) if good else (0, 0)
        size = end[at] - begin[at]
        if (valid >= 3 and reads(head, 6, True)) or (valid >= 6 and reads(head, 12, False)):
            told[at] = True
        elif valid >= 4 and size >= packed:
            told[at] = ends_itself(head, size * 2 // 3) or reaches_the_end(head, size * 2 // 3)
    return told


@jit
def begins_91(codes: Bytes, begin: Numbers, end: Numbers, table: Numbers, least: int) -> Mask:
    """Mark the places where basE91 gives text, of runs of at least `least` symbols."""
    told, head = np.zeros(len(begin), np.bool_), np.zeros(12, np.uint8)
    for at in range(len(begin)):
        if end[at] - begin[at] < least:
            continue
        held, bits = np.int64(0), 0
        for step in range(5):
            value = table[codes[begin[at] + 2 * step]] + 91 * table[codes[begin[at] + 2 * step + 1]]
            held |= value << bits
            bits += 13 if value & 8191 > 88 else 14
        for step in range(8):
            head[step] = held >> 8 * step & 255
        told[at] = reads(head, 8, False)
    return told
