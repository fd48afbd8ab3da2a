"""Tells which tokens could be one large number whose bytes read or open (compiled).

See `bases`, which does the same with numpy.
"""

import math

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_FIRST = 9  # symbols whose number a double holds exactly
_TOP = 4  # bytes of a number that are looked at


@jit
def likely_numbers(codes: Bytes, starts: Numbers, sizes: Numbers, table: Numbers, base: int, longest: int) -> Mask:
    """Mark the tokens whose first bytes could begin something. `table` gives a symbol's value, or -1. As many signs as
    are looked at follow the last token.
    """
    told = np.zeros(len(starts), np.bool_)
    for token in range(len(starts)):
        number = 0
        for at in range(_FIRST):
            value = table[codes[starts[token] + at]]
            if value < 0:
                number = 0
                break
            number = number * base + value
        if number <= 0 or sizes[token] > longest:
            continue
        bits = math.log2(float(number)) + (sizes[token] - _FIRST) * math.log2(float(base))
        size = math.floor(bits / 8) + 1
        told[token] = _begins(math.floor(2.0 ** (bits - 8 * (size - _TOP) + 1e-9)))
    return told


@jit
def _begins(top: int) -> bool:
    """Return whether the upper three of four bytes could begin a text, something packed or wide text."""
    one, two, three = top >> 24 & 255, top >> 16 & 255, top >> 8 & 255
    if _is_of_text(one) and _is_of_text(two) and _is_of_text(three):
        return True
    if 0xC2 <= one < 0xF0 and two & 0xC0 == 0x80:
        return True
    if 32 <= one < 127 and two >= 0xC2 and three & 0xC0 == 0x80:
        return True
    if two == 0 or one == 0x78 or (one == 0xFF and two == 0xFE) or (one == 0xFE and two == 0xFF):
        return True
    if (one == 0x1F and two == 0x8B) or (one == 0x50 and two == 0x4B) or (one == 0x28 and two == 0xB5):
        return True
    return (one == 0xFD and two == 0x37) or (one == 0x04 and two == 0x22)


@jit
def _is_of_text(code: int) -> bool:
    return 32 <= code < 127 or 0xC2 <= code < 0xF0 or code == 10
