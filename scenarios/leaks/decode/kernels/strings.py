"""Finds strings with their length written in front of them (compiled). See `containers`, which does the same."""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
_LEAST_STRING, _SIGNS = 4, 4  # bytes of a string, and of what may stand behind it
_BLANK, _LONG_RUN = 0x20, 512
_CBOR_TEXT, _CBOR_TEXT_8 = 0x60, 0x78


@jit
def measured_in(codes: Bytes, starts: Numbers, ends: Numbers, most: int) -> tuple[Numbers, Numbers]:
    """Return where the strings of the runs begin and end, run after run, until there are more than `most`."""
    room = 4 * int((ends - starts).sum()) + 64 * len(starts) + 64
    begins, stops = np.empty(min(room, most + 200_000), np.int64), np.empty(min(room, most + 200_000), np.int64)
    count = 0
    for run in range(len(starts)):
        count = _taken_apart(codes, starts[run], ends[run], begins, stops, count)
        count = _counted(codes, starts[run], ends[run], begins, stops, count)
        if count > most:
            break
    return begins[:count].copy(), stops[:count].copy()


@jit
def _taken_apart(codes: Bytes, start: int, end: int, begins: Numbers, stops: Numbers, count: int) -> int:
    """Collect the strings that end where the run ends or where the next string's length stands, the first one first."""
    size = end - start
    is_end = np.zeros(size + 1, np.bool_)
    is_end[size] = True
    first = count
    for at in range(size - _LEAST_STRING - 1, -1, -1):
        code = codes[start + at]
        if code == _BLANK and (codes[start + at + 1] == _BLANK or (at > 0 and codes[start + at - 1] == _BLANK)):
            continue  # columns are filled with them
        for which in range(2):
            length = int(code)
            if which == 1:
                length = int(codes[start + at + 1]) + 1 if code == _CBOR_TEXT_8 else int(code) - _CBOR_TEXT
            stop = at + 1 + length
            if length <= 0 or stop > size or not is_end[stop]:
                continue
            is_end[at] = True
            if length >= _LEAST_STRING and not (size > _LONG_RUN and _is_inside(codes, start + stop, end)):
                begins[count], stops[count] = start + at + 1, start + stop
                count += 1
    for at in range((count - first) // 2):
        low, high = first + at, count - 1 - at
        begins[low], begins[high] = begins[high], begins[low]
        stops[low], stops[high] = stops[high], stops[low]
    return count


@jit
def _is_inside(codes: Bytes, stop: int, end: int) -> bool:
    """Return whether a word goes on over a place."""
    last = codes[stop - 1] | 0x20
    if stop >= end:
        return False
    return 97 <= last <= 122 and 97 <= codes[stop] <= 122


@jit
def _counted(codes: Bytes, start: int, end: int, begins: Numbers, stops: Numbers, count: int) -> int:
    """Collect the beginnings of a run whose length is written in front of it, the shortest first."""
    lengths = np.zeros(9, np.int64)
    for begin in (start, start + 1):
        held = min(begin, 4)
        if not held:
            continue
        last = np.int64(codes[begin - 1])
        two = last if held == 1 else np.int64(codes[begin - 2]) << 8 | last
        two_little = last if held == 1 else last << 8 | codes[begin - 2]
        big, little = np.int64(0), np.int64(0)
        for at in range(held):
            big = big << 8 | codes[begin - held + at]
            little |= np.int64(codes[begin - held + at]) << 8 * at
        lengths[0], lengths[1], lengths[2], lengths[3] = last, last - 0x80, last - 0xA0, last - 0x50
        lengths[4], lengths[5], lengths[6], lengths[7], lengths[8] = last - 5, two, two_little, little, big
        lengths.sort()
        for which in range(9):
            length = lengths[which]
            if which and length == lengths[which - 1]:
                continue
            if length >= _LEAST_STRING and 0 < end - begin - length <= _SIGNS:
                begins[count], stops[count] = begin, begin + length
                count += 1
    return count
