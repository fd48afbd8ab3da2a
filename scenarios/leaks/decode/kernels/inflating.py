"""Inflates the first bytes of raw deflate with fixed codes (compiled), to tell whether they could be text.

Most random bytes begin like such a block (RFC 1951, 3.2.6), and nearly none goes on as text.
"""

import numpy as np

from scenarios.leaks.decode.kernels.heads import Bytes, fills_its_tree, is_brotli, is_deflate, reads
from scenarios.leaks.decode.kernels.jit import jit
from scenarios.leaks.decode.packed.marks import EBCDIC

_REVERSED = np.array([int(f"{at:08b}"[::-1], 2) for at in range(256)], np.int64)
_LENGTHS = np.array(
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131], np.int64
)
_MORE = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5], np.int64)
_WANTED, _ROOM = 8, 16  # bytes
_SHORTEST, _SEVERAL_BLOCKS = 6, 1_000  # bytes
_END, _CODES_OF_7, _CODES_OF_8 = 256, 24, 0xC8


@jit
def inflates(data: Bytes, size: int, out: Bytes) -> bool:
    """Return whether raw deflate may begin here that gives text, wide text, or something packed. `out` has `_ROOM`
    bytes, `data` 12 at least, zeros behind the end.
    """
    kind = data[0] >> 1 & 3
    if kind == 0:
        return data[1] ^ data[3] == 0xFF and data[2] ^ data[4] == 0xFF
    if kind == 2:
        return data[0] >> 3 <= 29 and data[1] & 31 <= 29 and fills_its_tree(data)
    if kind != 1:
        return False
    out[:] = 0
    count = _fixed(data, size, out)
    if count < _SHORTEST:
        return False
    first = out[0]
    if first in (0x1F, 0x28, 0x50, 0x42, 0x78, 0x04, 0x5D, 0xFD, 0xFF, 0xFE):  # as a mark begins
        return True
    if (out[0] == 0) != (out[1] == 0):  # wide text
        return True
    if data[0] & 1 and (is_deflate(out, _SEVERAL_BLOCKS) or is_brotli(out, _SEVERAL_BLOCKS)):
        return True
    letters = 0
    for at in range(count):
        letters += EBCDIC[out[at]]
    return letters * 4 >= count * 3 or reads(out, _SHORTEST, False)


@jit
def _fixed(data: Bytes, size: int, out: Bytes) -> int:
    """Decode the first bytes and return how many, or -1 where no compressor wrote this. It stops where data end."""
    at, count, most = 3, 0, 8 * min(size, len(data) - 8)
    while count < _WANTED and at + 7 <= most:
        seven = _REVERSED[_bits(data, at, 8)] >> 1
        if seven < _CODES_OF_7:
            at += 7
            if not seven:
                return count
            if seven - 1 >= len(_LENGTHS):
                return -1
            length = _LENGTHS[seven - 1] + _bits(data, at, _MORE[seven - 1])
            at += _MORE[seven - 1]
            distance = _REVERSED[_bits(data, at, 5)] >> 3
            at += 5
            if distance > 29:
                return -1
            far = distance + 1
            if distance > 3:
                extra = (distance >> 1) - 1
                far = (2 + (distance & 1) << extra) + 1 + _bits(data, at, extra)
                at += extra
            if far > count:
                return -1
            for step in range(min(length, _WANTED - count)):
                out[count + step] = out[count + step - far]
            count += min(length, _WANTED - count)
            continue
        eight = _REVERSED[_bits(data, at, 8)]
        if 0x30 <= eight < 0xC0:
            out[count] = eight - 0x30
            at += 8
        elif eight >= _CODES_OF_8:
            out[count] = (eight << 1 | _bits(data, at + 8, 1)) - 400 + 144
            at += 9
        else:
            return _WANTED  # the longest lengths: rare, and left to the reader
        count += 1
    return count


@jit
def _bits(data: Bytes, at: int, count: int) -> int:
    """Return `count` bits, at most 16, the first one the least."""
    if not count:
        return 0
    place = at >> 3
    held = np.int64(data[place]) | np.int64(data[place + 1]) << 8 | np.int64(data[place + 2]) << 16
    return int(held >> (at & 7) & (1 << count) - 1)
