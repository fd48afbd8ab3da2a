"""Decodes tokens in alphabets that cannot be recognised by their looks: base32, and base 36 to 91.

Such a token looks like a word or an id. Decoded bytes are kept only when they read as text or can be opened.
"""

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.packed.marks import begins_marked, is_marked, plausible
from scenarios.leaks.decode.packed.readable import is_wide
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.runs import BULK, Bytes, Mask, Numbers, Runs, could_open, could_read, members_of, runs_of

_UPPER, _LOWER, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
_B32_VALUES = {letter: at for at, letter in enumerate(f"{_UPPER}234567".encode())}
_BLOCK = 1_024  # symbols, a multiple of eight
LONGEST = 2_000  # symbols of one number
_FIRST = 9  # symbols whose number a double holds exactly
_TOP = 4  # bytes of a number that are looked at before all of it is worked out


class Numeral:
    """An alphabet in which a whole token is one number, the most significant symbol first."""

    def __init__(self, name: str, symbols: str, *, caseless: bool = False) -> None:
        self.name = name
        self._base = len(symbols)
        self._values = {symbol: at for at, symbol in enumerate(symbols.encode())}
        if caseless:
            self._values |= {symbol.lower().encode()[0]: at for at, symbol in enumerate(symbols)}
        self._table = np.full(256, -1, np.int64)
        for symbol, at in self._values.items():
            self._table[symbol] = at

    def number(self, token: bytes) -> bytes:
        """Return the bytes of the number, or nothing if a symbol is not of the alphabet."""
        number = 0
        for symbol in token[:LONGEST]:
            value = self._values.get(symbol)
            if value is None:
                return b""
            number = number * self._base + value
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    def likely(self, tokens: Sequence[bytes]) -> list[bytes]:
        """Return the tokens whose first decoded bytes could begin a text or something packed.

        The first nine symbols and the token's length give these bytes, so the whole number need not be worked out.
        """
        if not tokens:
            return []
        joined = np.frombuffer(b"\n".join(tokens) + b"\n" * _FIRST, np.uint8)
        sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
        starts = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
        if fast := kernels(0):
            told = fast.likely_numbers(joined, starts, sizes, self._table, self._base, LONGEST)
            return [tokens[at] for at in np.flatnonzero(told).tolist()]
        head = self._table[joined[starts[:, None] + np.arange(_FIRST)]]
        valid = (head >= 0).all(axis=1) & (sizes <= LONGEST)
        number = head @ (self._base ** np.arange(_FIRST - 1, -1, -1, dtype=np.int64))
        bits = np.log2(np.maximum(number, 1).astype(np.float64)) + (sizes - _FIRST) * math.log2(self._base)
        size = np.floor(bits / 8).astype(np.int64) + 1
        top = np.floor(np.exp2(bits - 8 * (size - _TOP) + 1e-9)).astype(np.int64)
        good = valid & (number > 0) & _reads(top)
        return [tokens[at] for at in np.flatnonzero(good).tolist()]


def _reads(top: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Mark the numbers whose upper three of four bytes could begin a text, something packed or wide text."""
    parts = [(top >> 8 * at) & 0xFF for at in (3, 2, 1)]
    ascii_ = np.ones(len(top), np.bool_)
    for part in parts:
        ascii_ &= ((part >= 32) & (part < 127)) | ((part >= 0xC2) & (part < 0xF0)) | (part == 10)
    after = (parts[0] >= 0xC2) & (parts[0] < 0xF0) & (parts[1] & 0xC0 == 0x80)
    inside = (parts[0] < 127) & (parts[0] >= 32) & (parts[1] >= 0xC2) & (parts[2] & 0xC0 == 0x80)
    packed = (parts[0] == 0x1F) & (parts[1] == 0x8B) | (parts[0] == 0x78) | (parts[0] == 0x50) & (parts[1] == 0x4B)
    packed |= (parts[0] == 0x28) & (parts[1] == 0xB5) | (parts[0] == 0xFD) & (parts[1] == 0x37)
    packed |= (parts[0] == 0x04) & (parts[1] == 0x22)
    wide = (parts[1] == 0) | (parts[0] == 0xFF) & (parts[1] == 0xFE) | (parts[0] == 0xFE) & (parts[1] == 0xFF)
    return np.asarray(ascii_ | after | inside | packed | wide, np.bool_)


NUMERALS = (
    Numeral("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    Numeral("base62", _DIGITS + _UPPER + _LOWER),
    Numeral("base62", _DIGITS + _LOWER + _UPPER),
    Numeral("base62", _UPPER + _LOWER + _DIGITS),
    Numeral("base36", _DIGITS + _UPPER, caseless=True),
)


def bits_of(token: bytes) -> bytes:
    """Decode base32 (RFC 4648, section 6) in either case and without padding. Bits that do not fill a byte are dropped.

    Long tokens are decoded in blocks of whole groups, because arithmetic on one number of a million digits is slow.
    """
    upper = token.upper()
    return b"".join(_block(upper[at : at + _BLOCK]) for at in range(0, len(upper), _BLOCK))


def _block(token: bytes) -> bytes:
    number = 0
    for letter in token:
        number = number << 5 | _B32_VALUES[letter]
    spare = len(token) * 5 % 8
    return (number >> spare).to_bytes(len(token) * 5 // 8, "big")


_B45 = {symbol: at for at, symbol in enumerate(f"{_DIGITS}{_UPPER} $%*+-./:".encode())}
_B45_MEMBERS, _B45_BEGINS = members_of(bytes(_B45)), members_of(b" =:/")
_B45_RUN = re.compile(rb"[0-9A-Z $%*+./:-]{9}")
_B45_TABLE = np.full(256, -1, np.int64)
_B45_TABLE[list(_B45)] = list(_B45.values())
_B91 = {symbol: at for at, symbol in enumerate(f'{_UPPER}{_LOWER}{_DIGITS}!#$%&()*+,./:;<=>?@[]^_`{{|}}~"'.encode())}
_B91_MEMBERS, _B91_BEGINS = members_of(bytes(_B91)), members_of(b'"=>:')
_B91_RUN = re.compile(rb"[!#-&(-,./-\[\]-~\"]{10}")
_B91_TABLE = np.zeros(256, np.uint64)
_B91_TABLE[list(_B91)] = list(_B91.values())
_B91_ODD = re.compile(rb"[A-Za-z0-9][!#$%&()*+;<=>?@\[\]^`{|}~][A-Za-z0-9]|[!#$%&()*+;<>?@\[\]^`{|}~][A-Za-z0-9,.]{2}")
_CONTROL = frozenset(range(32)) - {9, 10, 13} | {127}
_STARTS = 4
_PACKED = 16  # symbols
_LEAST_91 = 10  # symbols


def base45(data: bytes) -> Iterator[bytes]:
    """Decode RFC 9285: three symbols stand for two bytes, two symbols for a last single byte."""
    if len(data) < BULK and not _B45_RUN.search(data):
        return
    found = runs_of(data, _B45_MEMBERS, 9)
    for begin, end in _beginnings(found, _B45_BEGINS, 40):
        last = -1
        for at in np.flatnonzero(_begins_45(found.codes, begin, end)).tolist():
            run = data[begin[at] : end[at]]
            if end[at] == last:
                continue
            piece = _triples(run)
            if len(run) >= _PACKED and (begins_marked(piece) or not plausible(piece)):
                whole = _triples(run, text=False)
                if is_marked(whole) or is_wide(whole) or opens(whole):
                    last = end[at]
                    yield whole
            elif plausible(piece):
                last = end[at]
                yield piece


def _begins_45(codes: Bytes, begin: Numbers, end: Numbers) -> Mask:
    """Mark the places where text or something packed begins. What is shorter than twelve bytes must read like a
    value.
    """
    if fast := kernels(0):
        told: Mask = fast.begins_45(codes, begin, end, _B45_TABLE, _PACKED)
        return told
    head, valid = _triple_heads(codes, begin, end)
    reads = (could_read(head[:, :6], whole=True) & valid[:, 2]) | (could_read(head) & valid[:, 5])
    packed = could_open(head, (end - begin) * 2 // 3) & (end - begin >= _PACKED) & valid[:, 3]
    return np.asarray(reads | packed, np.bool_)


def _beginnings(found: Runs, signs: Mask, near: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield (begin, end) of the places where an encoded value may begin: each run's own beginning and the first few
    places behind one of the `signs` within `near` bytes.
    """
    if not len(found.starts):
        return
    if fast := kernels(0):
        yield fast.beginnings_in(*found, signs, near, _STARTS)
        return
    behind = np.flatnonzero(signs[found.codes]) + 1
    owner = np.searchsorted(found.starts, behind, "right") - 1
    kept = (owner >= 0) & (behind <= found.ends[owner]) & (behind - found.starts[owner] <= near)
    begin = np.concatenate([found.starts, behind[kept]])
    end = np.concatenate([found.ends, found.ends[owner[kept]]])
    order = np.lexsort((begin, end))
    begin, end = begin[order], end[order]
    rank = np.arange(len(begin)) - np.searchsorted(end, end)
    few = rank < _STARTS
    yield begin[few], end[few]


def _triple_heads(codes: Bytes, begin: Numbers, end: Numbers) -> tuple[Bytes, Mask]:
    """Return the first twelve bytes at each beginning, and for each triple whether it and all before it are valid."""
    at = begin[:, None] + np.arange(18)
    symbols = _B45_TABLE[codes[at]].reshape(-1, 6, 3)
    number = symbols @ np.array([1, 45, 2_025])
    good = (symbols >= 0).all(axis=2) & (number < 1 << 16) & (at.reshape(-1, 6, 3)[:, :, 2] < end[:, None])
    head = np.where(good, number, 0).astype(">u2").view(np.uint8).reshape(len(begin), 12)
    return head, np.logical_and.accumulate(good, axis=1)


def _triples(run: bytes, *, text: bool = True) -> bytes:
    """Decode triples up to the first one that is invalid. With `text`, a triple that gives a control character ends the
    run too. The last group may have two symbols.
    """
    out = bytearray()
    for at in range(0, len(run) - 1, 3):
        pair = _of_45(run[at : at + 3], text=text)
        if not pair:
            out += _of_45(run[at : at + 2], text=text)
            break
        out += pair
    if not text:
        return bytes(out)
    try:
        return out.decode("utf-8").encode()
    except UnicodeDecodeError as error:
        return bytes(out[: error.start])


def _of_45(group: bytes, *, text: bool) -> bytes:
    number = sum(_B45[symbol] * 45**power for power, symbol in enumerate(group))
    if number >= 1 << 8 * (len(group) - 1):
        return b""
    pair = number.to_bytes(len(group) - 1, "big")
    return b"" if text and (pair[0] in _CONTROL or pair[-1] in _CONTROL) else pair


def base91(data: bytes) -> Iterator[bytes]:
    """Decode Henke's basE91 from the beginning of a run or behind its first signs, up to the first byte that does not
    read.
    """
    if len(data) < BULK and not _B91_RUN.search(data):
        return
    found = runs_of(data, _B91_MEMBERS, 10)
    for begin, end in _beginnings(found, _B91_BEGINS, 64):
        for at in np.flatnonzero(_begins_91(found.codes, begin, end)).tolist():
            run = data[begin[at] : end[at]]
            if not _B91_ODD.search(run):
                continue
            last = run.rfind(b'"')
            ends = [len(run)] if last <= 0 else [len(run), last]
            for piece in dict.fromkeys(_pairs(run[:stop]) for stop in ends):
                if len(piece) >= 8 and plausible(piece):
                    yield piece


def _begins_91(codes: Bytes, begin: Numbers, end: Numbers) -> Mask:
    if fast := kernels(0):
        told: Mask = fast.begins_91(codes, begin, end, _B91_TABLE.astype(np.int64), _LEAST_91)
        return told
    return np.asarray(could_read(_pair_heads(codes, begin)) & (end - begin >= _LEAST_91), np.bool_)


def _pair_heads(codes: Bytes, begin: Numbers) -> Bytes:
    """Return the first eight decoded bytes at each beginning."""
    held = np.zeros(len(begin), np.uint64)
    bits = np.zeros(len(begin), np.uint64)
    for step in range(5):
        value = _B91_TABLE[codes[begin + 2 * step]] + 91 * _B91_TABLE[codes[begin + 2 * step + 1]]
        held |= value << bits
        bits += np.where(value & 8191 > 88, 13, 14).astype(np.uint64)
    return held.astype("<u8").view(np.uint8).reshape(len(begin), 8)


def _pairs(run: bytes) -> bytes:
    out, held, bits, value = bytearray(), 0, 0, -1
    for symbol in run:
        if value < 0:
            value = _B91[symbol]
            continue
        value += _B91[symbol] * 91
        held |= value << bits
        bits += 13 if value & 8191 > 88 else 14
        value = -1
        while bits > 7:
            if held & 255 in _CONTROL:
                return _whole(out)
            out.append(held & 255)
            held >>= 8
            bits -= 8
    if value >= 0 and (held | value << bits) & 255 not in _CONTROL:
        out.append((held | value << bits) & 255)
    return _whole(out)


def _whole(out: bytearray) -> bytes:
    try:
        return out.decode("utf-8").encode()
    except UnicodeDecodeError as error:
        return bytes(out[: error.start])
