"""Drops, in bulk, the tokens that cannot hide anything, so that Python reads only the others.

Every token is decoded at every offset at once (numpy). A dropped token is one of which `guesses.Pieces` would keep
nothing; `tests/scenarios/leaks/decode/test_sieve.py` checks that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.packed.marks import EBCDIC, PACKED_LITERALS, REVERSED_BITS, ZLIB_HEADS

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
RUN = 6  # bytes in a row that look like a value
_NONE = 255
_UPPER, _LOWER, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"


class Packing(NamedTuple):
    """An alphabet in which `group` symbols of `bits` bits each stand for `size` bytes."""

    values: Bytes
    bits: int
    group: int
    size: int


def _table(*alphabets: str) -> Bytes:
    values = np.full(256, _NONE, np.uint8)
    for alphabet in alphabets:
        values[np.frombuffer(alphabet.encode(), np.uint8)] = np.arange(len(alphabet), dtype=np.uint8)
    return values


BASE64 = Packing(_table(f"{_UPPER}{_LOWER}{_DIGITS}+/", f"{_UPPER}{_LOWER}{_DIGITS}-_"), 6, 4, 3)
BASE32 = Packing(_table(f"{_UPPER}234567", f"{_LOWER}234567"), 5, 8, 5)
HEX = Packing(_table(f"{_DIGITS}ABCDEF", f"{_DIGITS}abcdef"), 4, 2, 1)
# What a byte may be in a value: 1 a letter, digit or common sign; 2, 3, 4 the first of as many; 5 one that follows.
_KINDS = np.zeros(256, np.uint8)
_KINDS[[ord(c) for c in _UPPER + _LOWER + _DIGITS + " .,@+_:/'()-"]] = 1
_KINDS[0xC2:0xE0], _KINDS[0xE0:0xF0], _KINDS[0xF0:0xF5], _KINDS[0x80:0xC0] = 2, 3, 4, 5
_MAGIC = np.zeros((256, 256), np.bool_)
for _first, _second in (b"\x1f\x8b", b"PK", b"BZ", b"\xfd7", b"\x28\xb5", b"\x04\x22", b"RI", b"\xff\xfe", b"\xfe\xff"):
    _MAGIC[_first, _second] = True
_MAGIC |= ZLIB_HEADS & (np.arange(256) == 0x78)[:, None]
_STARTS = _MAGIC | ZLIB_HEADS
_STARTS[0x5D, 0] = True
_TEXTY = np.array([c in (9, 10, 13) or 32 <= c < 127 for c in range(256)])
_HEAD = 12  # bytes decoded of every token's beginning
_REVERSED_BITS = np.array(list(REVERSED_BITS), np.int64)
# What four code lengths of three bits take of a tree's 128 leaves.
_FOUR_LENGTHS = np.array([sum(128 >> (at >> 3 * i & 7) for i in range(4) if at >> 3 * i & 7) for at in range(4_096)])
_PACKED_LITERALS = tuple(PACKED_LITERALS)
JOINTS = 6  # places in a token behind which another may begin
SEGMENT = 12  # symbols that must stand there
_JOINING = np.isin(np.arange(256), list(b"+/-_"))
_EBCDIC = 9  # of the first twelve bytes: letters and signs of EBCDIC
_SAME_TOP = 10  # bytes in a row with the same highest bit: text under one key (the others come by chance)


def sifted(tokens: Sequence[bytes], packing: Packing) -> list[bytes]:
    """Return the tokens that may hide something, in order."""
    if not tokens:
        return []
    joined = np.frombuffer(b"\n".join(tokens) + b"\n" * 8, np.uint8)
    sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
    starts = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
    if fast := kernels(len(joined)):
        if packing is BASE64:
            return [tokens[at] for at in np.flatnonzero(fast.framed_64(joined, starts, sizes, packing.values)).tolist()]
        shape = (packing.bits, packing.group, packing.size)
        told = fast.sift(joined, starts, sizes, packing.values, _KINDS, shape)
        return [tokens[at] for at in np.flatnonzero(told).tolist()]
    values = packing.values[joined]
    hit = np.zeros(len(tokens), np.bool_)
    owner, begins, left = _places(joined, starts, sizes, packing)
    hit[owner[_packed_heads(values, begins, left, packing)]] = True
    for phase in range(packing.group):
        flat = unpacked(values, phase, packing)
        places = np.flatnonzero(_telling(flat))
        source = phase + places // packing.size * packing.group + places % packing.size * packing.group // packing.size
        hit[np.searchsorted(starts, source, "right") - 1] = True
    return [tokens[at] for at in np.flatnonzero(hit).tolist()]


def _places(joined: Bytes, starts: Numbers, sizes: Numbers, packing: Packing) -> tuple[Numbers, Numbers, Numbers]:
    """Return (token, begin, symbols left) of each place from which something packed may begin.

    In base64 these are the four offsets, and what stands behind the first slashes and pluses: see `guesses.Pieces`.
    """
    which = np.arange(len(starts))
    if packing is not BASE64:
        return which, starts, sizes
    signs = np.flatnonzero(_JOINING[joined])
    token = np.searchsorted(starts, signs, "right") - 1
    count = np.searchsorted(signs, starts)  # signs before each token
    left = starts[token] + sizes[token] - signs - 1
    near = (np.arange(len(signs)) - count[token] < JOINTS) & (left >= SEGMENT)
    owner = np.concatenate([which, which, which, which, token[near]])
    begins = np.concatenate([starts, starts + 1, starts + 2, starts + 3, signs[near] + 1])
    return owner, begins, starts[owner] + sizes[owner] - begins


def framed(tokens: Sequence[bytes]) -> Sequence[int]:
    """Return, for each base64 token, the places from which its bytes could be kept, as bits: see `kernels.frames`. All
    bits are set where nothing was told.
    """
    return _asked("framed_64", tokens)


def reading(tokens: Sequence[bytes]) -> Sequence[int]:
    """Return, for each base64 token, a bit for each offset from which its bytes could read or be opened."""
    return _asked("reading_64", tokens)


def _asked(name: str, tokens: Sequence[bytes]) -> Sequence[int]:
    fast = kernels(0)
    if fast is None or not tokens:
        return [-1] * len(tokens)
    sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    told: list[int] = getattr(fast, name)(
        np.frombuffer(b"".join(tokens), np.uint8), starts, sizes, BASE64.values
    ).tolist()
    return told


def unpacked(values: Bytes, phase: int, packing: Packing) -> Bytes:
    """Decode every group from the offset `phase` on. A byte with an invalid symbol in it becomes 0."""
    count = (len(values) - phase) // packing.group
    groups = values[phase : phase + count * packing.group].reshape(count, packing.group)
    out = np.empty((count, packing.size), np.uint8)
    for at in range(packing.size):
        first, last = 8 * at // packing.bits, (8 * at + 7) // packing.bits
        number = groups[:, first].astype(np.uint16)
        bad = groups[:, first] == _NONE
        for symbol in range(first + 1, last + 1):
            number = np.left_shift(number, packing.bits, dtype=np.uint16) | groups[:, symbol]
            bad |= groups[:, symbol] == _NONE
        number >>= (last + 1) * packing.bits - 8 * at - 8
        out[:, at] = number
        out[bad, at] = 0
    return out.ravel()


def _telling(flat: Bytes) -> Mask:
    """Mark the places where a run of value-like bytes, wide letters or a compression's mark begins."""
    kinds = _KINDS[flat]
    good = kinds == 1
    two = (kinds[:-1] == 2) & (kinds[1:] == 5)
    good[:-1] |= two
    good[1:] |= two
    three = (kinds[:-2] == 3) & (kinds[1:-1] == 5) & (kinds[2:] == 5)
    for shift in range(3):
        good[shift : len(good) - 2 + shift] |= three
    told = np.zeros(len(flat), np.bool_)
    pairs = good[:-1] & good[1:]
    fours = pairs[:-2] & pairs[2:]
    told[: len(fours) - 2] |= fours[:-2] & pairs[4:]
    told[:-1] |= _MAGIC[flat[:-1], flat[1:]]
    zero = flat == 0
    if zero.any():  # UTF-16: a letter, a zero, three times over
        wide = good[:-1] & zero[1:]
        told[:-5] |= wide[:-4] & wide[2:-2] & wide[4:]
        wide = zero[:-1] & good[1:]
        told[:-5] |= wide[:-4] & wide[2:-2] & wide[4:]
    return told


def _packed_heads(values: Bytes, starts: Numbers, sizes: Numbers, packing: Packing) -> Mask:
    """Mark the tokens that begin as a compression without a mark, zlib with any window, wide text, LZString, or text
    under a one-byte key.
    """
    symbols = -(-_HEAD * packing.group // packing.size)
    symbols += -symbols % packing.group
    at = np.minimum(starts[:, None] + np.arange(symbols), len(values) - 1)
    inside = np.arange(symbols) < sizes[:, None]
    head = np.where(inside, values[at], 0).astype(np.uint8)
    head[head == _NONE] = 0
    flat = unpacked(head.ravel(), 0, packing).reshape(len(starts), -1)[:, :_HEAD]
    first, second = flat[:, 0], flat[:, 1]
    long = sizes * packing.size // packing.group
    told = _STARTS[first, second]
    told |= begins_deflate(flat, long) | begins_brotli(flat, long) | begins_ebcdic(flat, long)
    told |= (first == 0) | (second == 0)  # wide text
    top = flat[:, :_SAME_TOP] >> 7
    told |= (top == top[:, :1]).all(axis=1) & (long >= _SAME_TOP)
    if packing is BASE64:
        told |= _begins_lzstring(flat)
    return np.asarray(told, np.bool_)


def begins_packed(head: Bytes) -> Mask:
    """Mark the rows whose first two bytes are a compression's mark."""
    return np.asarray(_STARTS[head[:, 0], head[:, 1]], np.bool_)


def begins_deflate(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the rows that could begin raw deflate (RFC 1951): readable literals, or code lengths that fill their tree.

    Short data has one block only, which is the last one. Where a connection is kept open, it is not marked as such:
    then it must begin with readable literals.
    """
    kind, last = head[:, 0] >> 1 & 3, head[:, 0] & 1
    enough = (sizes >= RUN) & ((last == 1) | (sizes >= 1_000))
    bits = sum(head[:, at].astype(np.int64) << 8 * at for at in range(4))
    literal = _REVERSED_BITS[(bits >> 3) & 0xFF] - 0x30
    following = _REVERSED_BITS[(bits >> 11) & 0xFF]
    beyond = (following >= 225) & (following <= 250)  # of nine bits: the first byte of a letter beyond ASCII
    fixed = (kind == 1) & (literal >= 9) & (literal < 127) & ((following < 0x30 + 127) | beyond)
    wide = (kind == 1) & (literal >= 177) & (literal <= 202)
    dynamic = (kind == 2) & (head[:, 0] >> 3 <= 29) & (head[:, 1] & 31 <= 29) & enough
    rows = np.flatnonzero(dynamic)
    if len(rows):
        dynamic[rows] = _fills_its_tree(head[rows])
    stored = (kind == 0) & (head[:, 1] ^ head[:, 3] == 0xFF) & (head[:, 2] ^ head[:, 4] == 0xFF)
    packed = (kind == 1) & (np.isin(literal, _PACKED_LITERALS) | (last == 1) & (literal > 127))
    return np.asarray((fixed | wide) & (sizes >= RUN) | enough & (packed | dynamic | stored), np.bool_)


def _fills_its_tree(head: Bytes) -> Mask:
    """Mark the rows whose code-length code is complete, as zlib demands."""
    count = (head[:, 1] >> 5 | (head[:, 2] & 1) << 3).astype(np.uint64) + np.uint64(4)
    lengths = np.ascontiguousarray(head[:, 2:10]).view("<u8")[:, 0] >> np.uint64(1)
    lengths &= (np.uint64(1) << np.uint64(3) * count) - np.uint64(1)
    total = sum(_FOUR_LENGTHS[(lengths >> np.uint64(12 * at)) & np.uint64(4095)] for at in range(5))
    return np.asarray(total == 128, np.bool_)


def begins_brotli(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the rows that could begin brotli (RFC 7932, 9.1 and 9.2): a window, and a first block of a plausible
    length.
    """
    bits = sum(head[:, at].astype(np.int64) << 8 * at for at in range(6))
    window = np.where(bits & 1 == 0, 1, np.where(bits >> 1 & 7 != 0, 4, 7))
    rest = bits >> window
    last = rest & 1
    rest = rest >> 1
    empty = (last == 1) & (rest & 1 == 1)
    rest = np.where(last == 1, rest >> 1, rest)
    nibbles = (rest & 3) + 4
    length = (rest >> 2 & (1 << 4 * np.minimum(nibbles, 6)) - 1) + 1
    fits = (length >= RUN) & (length <= np.maximum(sizes * 12, 0)) | (sizes >= 4_096)
    return np.asarray((sizes >= RUN) & ~empty & (bits & 0x7F != 0x11) & (nibbles < 7) & fits, np.bool_)


def begins_ebcdic(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the rows of twelve bytes that are mostly EBCDIC's letters, of something at least as long."""
    return np.asarray((EBCDIC[head].sum(axis=1) >= _EBCDIC) & (sizes >= _HEAD), np.bool_)


def _begins_lzstring(head: Bytes) -> Mask:
    """Mark the rows that could begin LZString: a readable 8-bit character and a plausible second code, or a 16-bit
    letter.
    """
    bits = sum(head[:, at].astype(np.int64) << 8 * (5 - at) for at in range(6))  # most significant first
    kind = bits >> 46 & 3
    first = _REVERSED_BITS[bits >> 38 & 0xFF]
    then, second = bits >> 35 & 7, _REVERSED_BITS[bits >> 27 & 0xFF]
    narrow = (kind == 0) & _TEXTY[first] & (((then == 0) & _TEXTY[second]) | (then == 6) | (then == 4))
    letter = (kind == 2) & (_REVERSED_BITS[bits >> 30 & 0xFF] <= 0x30)
    wide = (kind == 0) & (first >= 0xA0) & (then == 0)
    return np.asarray(narrow | letter | wide, np.bool_)
