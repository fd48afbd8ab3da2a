"""Opens raw deflate and brotli, which have no mark.

Both are tried at the start of the bytes only. The result is kept only when a person could read it.
"""

import zlib

import brotli

from scenarios.leaks.decode.packed.marks import (
    LONG,
    PACKED_LITERALS,
    REVERSED_BITS,
    SAMPLE,
    SHORTEST,
    Found,
    is_binary,
    plausible,
)
from scenarios.leaks.decode.packed.readable import is_wide

_STEP = 4_096  # bytes fed at a time
_SYMBOLS = 4
_FIRST_CODE = 0x30  # of the literals of eight bits (RFC 1951, 3.2.6)
_LEADS = frozenset(range(177, 203))  # half of a code of nine bits: the first byte of a letter beyond ASCII
# A second code that is neither a letter, nor the beginning of one beyond ASCII, nor a length.
_NEVER_SECOND = frozenset(range(_FIRST_CODE + 127, 225)) | frozenset(range(251, 256))
_USUAL_RATIO = 12  # of what brotli says its first block will give, to all that it is given


def unmarked(data: bytes, limit: int, *, nested: int = 5, sure: bool = True) -> Found:
    """Yield (step, bytes) of brotli and raw deflate at the start of binary data. One may wrap the other up to `nested`
    times.

    If it is not `sure` that something begins there, brotli must state a plausible length for so few bytes.
    """
    if len(data) < SHORTEST:
        return
    for step, may, read in (("deflate", _may_inflate, _inflate), ("brotli", _may_be_brotli, _brotli)):
        if not may(data, sure):
            continue
        out, whole = read(data, limit)
        if (
            _says_something(out, whole=whole)
            or (whole and is_wide(out))
            or (whole and nested and len(out) >= LONG and opens(out, nested - 1))
        ):
            yield step, out


def opens(data: bytes, nested: int = 5) -> bool:
    """Return whether a compression without a mark opens the data."""
    return is_binary(data) and next(unmarked(data, SAMPLE, nested=nested, sure=False), None) is not None


def _says_something(data: bytes, *, whole: bool) -> bool:
    """Return whether the output is real. Noise often opens as one repeated symbol and hardly ever reaches its end."""
    return plausible(data) and len(set(data[:SAMPLE])) >= (2 if whole else _SYMBOLS)


def _may_inflate(data: bytes, sure: bool) -> bool:
    """Return whether the first block's header is valid (RFC 1951, 3.2.3 to 3.2.7). That of most random bytes is not.

    If it is not `sure` that something begins there, the first codes must also say what a text, or something packed,
    begins with.
    """
    first = data[0]
    kind = first >> 1 & 3
    if kind == 0:
        return data[1] ^ data[3] == 0xFF and data[2] ^ data[4] == 0xFF
    if kind == 2:
        return first >> 3 <= 29 and data[1] & 31 <= 29
    if kind != 1 or sure:
        return kind == 1
    bits = first | data[1] << 8 | data[2] << 16
    literal = REVERSED_BITS[bits >> 3 & 0xFF] - _FIRST_CODE
    if literal in _LEADS or (9 <= literal < 127 and REVERSED_BITS[bits >> 11 & 0xFF] not in _NEVER_SECOND):
        return True
    return first & 1 == 1 and (literal in PACKED_LITERALS or literal > 127)


def _may_be_brotli(data: bytes, sure: bool) -> bool:
    """Return whether the first block's header states a possible length (RFC 7932, 9.1 and 9.2)."""
    bits = int.from_bytes(data[:6], "little")
    window = 1 if not bits & 1 else 4 if bits >> 1 & 7 else 7
    if bits & 0x7F == 0x11:
        return False
    bits >>= window
    last, bits = bits & 1, bits >> 1
    if last:
        if bits & 1:
            return False
        bits >>= 1
    nibbles = (bits & 3) + 4
    if nibbles == 7:
        return not last  # metadata
    size = (bits >> 2 & (1 << 4 * nibbles) - 1) + 1
    return sure or (SHORTEST <= size <= len(data) * _USUAL_RATIO) or len(data) >= SAMPLE


def _inflate(data: bytes, limit: int) -> tuple[bytes, bool]:
    """Return what the stream gives and whether it reached its end. Noise hardly ever does."""
    stream, out = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    try:
        for at in range(0, len(data), _STEP):
            out += stream.decompress(data[at : at + _STEP], limit + 1 - len(out))
            if len(out) > limit or stream.eof:
                break
    except zlib.error:
        pass
    return bytes(out), stream.eof


def _brotli(data: bytes, limit: int) -> tuple[bytes, bool]:
    """Return what the stream gives and whether it reached its end. It is fed in pieces with a bound on the output,
    because 27 bytes can stand for ten million.
    """
    out, whole = _fed(data, limit, _STEP)
    if not whole and not out and len(data) <= _STEP:  # the library refuses bytes behind the stream's end
        out, whole = _fed(data, limit, 1)
    return out, whole


def _fed(data: bytes, limit: int, step: int) -> tuple[bytes, bool]:
    stream, out, whole = brotli.Decompressor(), bytearray(), False
    try:
        for at in range(0, len(data), step):
            out += stream.process(data[at : at + step], output_buffer_limit=limit)
            while len(out) <= limit and not stream.can_accept_more_data():
                out += stream.process(b"", output_buffer_limit=limit)
            whole = stream.is_finished()
            if len(out) > limit or whole:
                break
    except brotli.error:
        pass
    return bytes(out[: limit + 1]), whole
