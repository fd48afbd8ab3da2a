"""Decodes every token of base32 or hex at every offset (compiled), and tells which could hide anything.

See `sieve`, which does the same with numpy, and `frames` for base64. `values` gives a symbol's value, 255 for others;
`kinds` what a byte may be in a value.
"""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes, ebcdic, is_brotli, is_deflate, is_magic, is_start
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_NONE = 255
_HEAD = 12  # bytes
_SAME_TOP = 10  # bytes in a row with the same highest bit
_RUN = 6  # bytes in a row that look like a value


@jit
def sift(
    codes: Bytes, starts: Numbers, sizes: Numbers, values: Bytes, kinds: Bytes, shape: tuple[int, int, int]
) -> Mask:
    """Mark the tokens that may hide something. `shape` is bits a symbol, symbols a group, bytes a group. Line ends
    stand between the tokens, eight behind the last one.
    """
    _, group, size = shape
    hit = np.zeros(len(starts), np.bool_)
    head = np.zeros(_HEAD + 8, np.uint8)
    for token in range(len(starts)):
        hit[token] = _is_packed(codes, starts[token], sizes[token], values, head, shape)
    flat = np.zeros(len(codes) // group * size + size, np.uint8)
    good, runs = np.zeros(len(flat), np.bool_), np.zeros(len(flat), np.bool_)
    for phase in range(group):
        count = (len(codes) - phase) // group * size
        _unpack(codes, phase, values, shape, flat)
        _judge(flat, count, kinds, good)
        token = 0
        run = 0
        for place in range(count - 1, -1, -1):
            run = run + 1 if good[place] else 0
            runs[place] = run >= _RUN
        for place in range(count):
            told = runs[place]
            if not told and place + 1 < count:
                told = is_magic(flat[place], flat[place + 1])
            if not told and place + 5 < count and (flat[place] == 0) != (flat[place + 1] == 0):
                told = _is_wide(flat, place, good)
            if told:
                source = phase + place // size * group + place % size * group // size
                while token + 1 < len(starts) and starts[token + 1] <= source:
                    token += 1
                hit[token] = True
    return hit


@jit
def _is_wide(flat: Bytes, place: int, good: Mask) -> bool:
    """Return whether a letter and a zero, in either order, stand there three times."""
    zero = 0 if flat[place] == 0 else 1
    for step in range(0, 6, 2):
        if flat[place + step + zero] != 0 or not good[place + step + 1 - zero]:
            return False
    return True


@jit
def _judge(flat: Bytes, count: int, kinds: Bytes, good: Mask) -> None:
    """Mark the bytes that belong to a letter, of one to three bytes."""
    for place in range(count):
        good[place] = kinds[flat[place]] == 1
    for place in range(count - 1):
        kind = kinds[flat[place]]
        if kind == 2 and kinds[flat[place + 1]] == 5:
            good[place] = good[place + 1] = True
        elif kind == 3 and place + 2 < count and kinds[flat[place + 1]] == 5 and kinds[flat[place + 2]] == 5:
            good[place] = good[place + 1] = good[place + 2] = True


@jit
def _unpack(codes: Bytes, begin: int, values: Bytes, shape: tuple[int, int, int], out: Bytes) -> None:
    """Decode every whole group from `begin` on. A byte with an invalid symbol in it becomes zero."""
    bits, group, size = shape
    for which in range((len(codes) - begin) // group):
        for at in range(size):
            out[which * size + at] = _byte(codes, begin + which * group, values, bits, at)


@jit
def _byte(codes: Bytes, begin: int, values: Bytes, bits: int, at: int) -> int:
    first, last = 8 * at // bits, (8 * at + 7) // bits
    number = 0
    for symbol in range(first, last + 1):
        value = values[codes[begin + symbol]]
        if value == _NONE:
            return 0
        number = number << bits | value
    return number >> (last + 1) * bits - 8 * at - 8 & 255


@jit
def _is_packed(codes: Bytes, start: int, count: int, values: Bytes, head: Bytes, shape: tuple[int, int, int]) -> bool:
    """Return whether the token begins as something packed, or as text under a one-byte key. Symbols behind it count as
    zeros.
    """
    bits, group, size = shape
    for at in range(_HEAD):
        number, begin = 0, at // size * group
        first, last = 8 * (at % size) // bits, (8 * (at % size) + 7) // bits
        for symbol in range(first, last + 1):
            value = 0
            if begin + symbol < count and values[codes[start + begin + symbol]] != _NONE:
                value = values[codes[start + begin + symbol]]
            number = number << bits | value
        head[at] = number >> (last + 1) * bits - 8 * (at % size) - 8 & 255
    long = count * size // group
    if is_start(head[0], head[1]) or is_deflate(head, long) or is_brotli(head, long):
        return True
    if head[0] == 0 or head[1] == 0:  # wide text
        return True
    if ebcdic(head, long):
        return True
    if long < _SAME_TOP:
        return False
    for at in range(1, _SAME_TOP):
        if head[at] >> 7 != head[0] >> 7:
            return False
    return True
