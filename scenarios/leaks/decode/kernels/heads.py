"""Judges the first twelve bytes of something: could it be text, or something packed? (compiled)

Each function says of one beginning what the function of the same purpose in `sieve` and `runs` says of many.
"""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.jit import jit
from scenarios.leaks.decode.packed.marks import EBCDIC

Bytes = npt.NDArray[np.uint8]
HEAD = 12  # bytes
_EBCDIC = 9  # of these: letters and signs of EBCDIC
_RUN = 6  # bytes that something packed has at least
_REVERSED = np.array([int(f"{at:08b}"[::-1], 2) for at in range(256)], np.int64)
_IN_VALUES = frozenset(" .,@+_:/'()-")
_TEXT = np.array([code in (9, 10, 13) or (code >= 32 and code != 127) for code in range(256)])
_VALUE = np.array([code >= 0x80 or chr(code).isalnum() or chr(code) in _IN_VALUES for code in range(256)])


@jit
def reads(head: Bytes, size: int, whole: bool) -> bool:
    """Return whether the first `size` bytes are UTF-8 text, with `whole` text that looks like a value."""
    leads, follows = False, False
    for at in range(size):
        code = head[at]
        follow = code & 0xC0 == 0x80
        if not _TEXT[code] or (whole and not _VALUE[code]) or code >= 0xF5 or code == 0xC0 or code == 0xC1:
            return False
        if (follow and not leads and not follows) or (leads and not follow):
            return False
        leads, follows = code >= 0xC2, follow
    return True


@jit
def is_deflate(head: Bytes, size: int) -> bool:
    """Return whether raw deflate may begin here (RFC 1951)."""
    if size < _RUN:
        return False
    kind = head[0] >> 1 & 3
    if kind != 1 and not head[0] & 1 and size < 1_000:
        return False
    if kind == 0:
        return head[1] ^ head[3] == 0xFF and head[2] ^ head[4] == 0xFF
    if kind == 2:
        return head[0] >> 3 <= 29 and head[1] & 31 <= 29 and fills_its_tree(head)
    if kind != 1:
        return False
    bits = np.int64(head[0]) | np.int64(head[1]) << 8 | np.int64(head[2]) << 16 | np.int64(head[3]) << 24
    literal, following = _REVERSED[bits >> 3 & 0xFF] - 0x30, _REVERSED[bits >> 11 & 0xFF]
    if 9 <= literal < 127 and (following < 0x30 + 127 or 225 <= following <= 250):
        return True
    if 177 <= literal <= 202:
        return True
    if not head[0] & 1 and size < 1_000:
        return False
    if head[0] & 1 and literal > 127:
        return True
    return literal in (0x1F, 0x28, 0x50, 0x42, 0x78, 0x04, 0x5D, 206)  # as a compression's mark begins


@jit
def fills_its_tree(head: Bytes) -> bool:
    count = (np.int64(head[1]) >> 5 | (np.int64(head[2]) & 1) << 3) + 4
    total = np.int64(0)
    for at in range(count):
        place = 17 + 3 * at
        pair = np.int64(head[place >> 3]) | np.int64(head[(place >> 3) + 1]) << 8
        length = pair >> (place & 7) & 7
        if length:
            total += np.int64(128) >> length
    return total == 128


@jit
def is_brotli(head: Bytes, size: int) -> bool:
    """Return whether brotli may begin here (RFC 7932, 9.1 and 9.2): a window, a first block of a plausible length."""
    if size < _RUN:
        return False
    bits = np.int64(0)
    for at in range(6):
        bits |= np.int64(head[at]) << 8 * at
    if bits & 0x7F == 0x11:
        return False
    bits >>= 1 if bits & 1 == 0 else 4 if bits >> 1 & 7 else 7
    last = bits & 1
    bits >>= 1
    if last:
        if bits & 1:
            return False
        bits >>= 1
    nibbles = (bits & 3) + 4
    if nibbles == 7:
        return False
    length = (bits >> 2 & (np.int64(1) << 4 * nibbles) - 1) + 1
    return bool(_RUN <= length <= size * 12 or size >= 4_096)


@jit
def is_zlib_head(first: int, second: int) -> bool:
    return first & 0x8F == 8 and not (first * 256 + second) % 31 and not second & 0x20


@jit
def is_magic(first: int, second: int) -> bool:
    """Return whether two bytes are the first of a compression's mark or of wide text."""
    if first == 0x78:
        return is_zlib_head(first, second)
    return (
        (first == 0x1F and second == 0x8B)
        or (first == 0x50 and second == 0x4B)
        or (first == 0x42 and second == 0x5A)
        or (first == 0xFD and second == 0x37)
        or (first == 0x28 and second == 0xB5)
        or (first == 0x04 and second == 0x22)
        or (first == 0x52 and second == 0x49)
        or (first == 0xFF and second == 0xFE)
        or (first == 0xFE and second == 0xFF)
    )


@jit
def is_start(first: int, second: int) -> bool:
    """Return whether two bytes can begin anything packed that has a mark, zlib with any window among it."""
    return is_magic(first, second) or is_zlib_head(first, second) or (first == 0x5D and second == 0)


@jit
def ends_itself(head: Bytes, size: int) -> bool:
    """Return whether packed data begins that can be opened even if other bytes follow it."""
    return is_start(head[0], head[1]) or is_deflate(head, size)


@jit
def reaches_the_end(head: Bytes, size: int) -> bool:
    """Return whether brotli or wide text begins, which no other bytes may follow."""
    if head[0] == 0 or head[1] == 0:
        return True
    if (head[0] == 0xFF and head[1] == 0xFE) or (head[0] == 0xFE and head[1] == 0xFF) or is_brotli(head, size):
        return True
    return ebcdic(head, size)


@jit
def ebcdic(head: Bytes, size: int) -> bool:
    """Return whether text in EBCDIC may begin here."""
    if size < HEAD:
        return False
    letters = 0
    for at in range(HEAD):
        letters += EBCDIC[head[at]]
    return letters >= _EBCDIC


@jit
def is_lzstring(head: Bytes) -> bool:
    """Return whether LZString may begin: a readable 8-bit character and a plausible second code, or a 16-bit letter."""
    bits = np.int64(0)
    for at in range(6):
        bits |= np.int64(head[at]) << 8 * (5 - at)
    kind, first = bits >> 46 & 3, _REVERSED[bits >> 38 & 0xFF]
    then, second = bits >> 35 & 7, _REVERSED[bits >> 27 & 0xFF]
    if kind == 2:
        return _REVERSED[bits >> 30 & 0xFF] <= 0x30
    if kind:
        return False
    if first >= 0xA0 and then == 0:
        return True
    return _plain(first) and ((then == 0 and _plain(second)) or then == 6 or then == 4)


@jit
def _plain(code: int) -> bool:
    return code in (9, 10, 13) or 32 <= code < 127
