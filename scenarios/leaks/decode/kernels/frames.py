"""Decodes every base64 token at every place where a value may begin in it (compiled), and tells which of these decoded
bytes could be kept. See `guesses.Pieces.add`, which decides: it keeps nothing of what is not marked here.
"""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes, is_lzstring, is_magic, is_start, reaches_the_end
from scenarios.leaks.decode.kernels.inflating import inflates
from scenarios.leaks.decode.kernels.jit import jit
from scenarios.leaks.decode.kernels.places import KEYED, LZSTRING, OFFSET, WHOLE
from scenarios.leaks.decode.packed.marks import EBCDIC

Numbers = npt.NDArray[np.int64]
_JOINTS, _SEGMENT = 6, 12  # as in `guesses`
_JOINING = np.isin(np.arange(256), [ord(sign) for sign in "+/-_"])
_MOST = 4_096  # bytes; what is longer is always worth a look
_HEAD, _SHORTEST, _LONG = 12, 6, 12  # bytes
_LEAST_KEYED, _KEY_SAMPLE = 10, 64  # bytes
_CONTROL = np.array([(code < 32 and code not in (9, 10, 13)) or code == 127 for code in range(256)])
_VALUE = np.array([code >= 0x80 or chr(code).isalnum() or chr(code) in " .,@+_:/'()-" for code in range(256)])


@jit
def framed_64(codes: Bytes, starts: Numbers, sizes: Numbers, values: Bytes) -> Numbers:
    """Return, for each token, a bit for each place from which its bytes could be kept; then whether all of it could be
    text under a one-byte key, or LZString.
    """
    told = np.zeros(len(starts), np.int64)
    out, room = np.zeros(_MOST + 2 * _HEAD, np.uint8), np.zeros(16, np.uint8)
    for token in range(len(starts)):
        start, size = starts[token], sizes[token]
        count = _decoded(codes, start, size, values, out)
        answer = np.int64(0)
        if count > _MOST:
            told[token] = (1 << LZSTRING + 1) - 1
            continue
        if _is_kept(out, count, room):
            answer |= 1 << WHOLE
        if _is_keyed(out, count):
            answer |= 1 << KEYED
        if size < 8 or is_lzstring(out):
            answer |= 1 << LZSTRING
        joints = 0
        for place in range(size):
            if not _JOINING[codes[start + place]]:
                continue
            joints += 1
            if joints > _JOINTS:
                break
            if size - place > _SEGMENT:
                count = _decoded(codes, start + place + 1, size - place - 1, values, out)
                if _is_kept(out, count, room):
                    answer |= 1 << joints
        for offset in range(1, min(4, size - 7)):
            count = _decoded(codes, start + offset, size - offset, values, out)
            if _is_kept(out, count, room):
                answer |= 1 << OFFSET + offset - 1
        told[token] = answer
    return told


@jit
def reading_64(codes: Bytes, starts: Numbers, sizes: Numbers, values: Bytes) -> Numbers:
    """Return, for each token, a bit for each of the four offsets from which its bytes could read or be opened."""
    told = np.zeros(len(starts), np.int64)
    out, room = np.zeros(_MOST + 2 * _HEAD, np.uint8), np.zeros(16, np.uint8)
    for token in range(len(starts)):
        for offset in range(4):
            if sizes[token] <= offset:
                break
            count = _decoded(codes, starts[token] + offset, sizes[token] - offset, values, out)
            if count > _MOST or (count >= _SHORTEST and (_opens(out, count, room) or _reads(out, count))):
                told[token] |= 1 << offset
    return told


@jit
def _decoded(codes: Bytes, start: int, size: int, values: Bytes, out: Bytes) -> int:
    """Decode symbols into `out`, zeros behind them, and return how many bytes they give. More than fit are left out."""
    count = size * 6 // 8
    held, bits, at = 0, 0, 0
    for place in range(start, start + size):
        held = (held << 6 | values[codes[place]]) & 0xFFFF
        bits += 6
        if bits >= 8:
            bits -= 8
            if at == _MOST:
                return count
            out[at] = held >> bits & 255
            at += 1
    out[at : at + _HEAD] = 0
    return count


@jit
def _is_kept(data: Bytes, size: int, room: Bytes) -> bool:
    if size < _SHORTEST:
        return False
    return _opens(data, size, room) or _reads(data, size) or _holds_a_value(data, size)


@jit
def _opens(data: Bytes, size: int, out: Bytes) -> bool:
    """Return whether a compression or wide text may begin here, or a compression's mark stands anywhere."""
    return is_start(data[0], data[1]) or reaches_the_end(data, size) or inflates(data, size, out)


@jit
def _reads(data: Bytes, size: int) -> bool:
    """Return whether all of it is UTF-8 without control characters; what is short must look like a value."""
    follow = 0
    for at in range(size):
        code = data[at]
        if _CONTROL[code] or (size < _LONG and not _VALUE[code]):
            return False
        if follow:
            if code & 0xC0 != 0x80:
                return False
            follow -= 1
        elif code >= 0x80:
            if code < 0xC2 or code > 0xF4:
                return False
            follow = 1 if code < 0xE0 else 2 if code < 0xF0 else 3
    return follow == 0


@jit
def _holds_a_value(data: Bytes, size: int) -> bool:
    """Return whether six characters of a value stand in a row, a compression's mark anywhere, or other text."""
    run, at, zeros, letters, plain = 0, 0, 0, 0, size >= 8
    while at < size:
        code = data[at]
        zeros += code == 0
        letters += EBCDIC[code]
        if code < 32 or 126 < code < 0xC0:
            plain = False
        if at + 1 < size and code != 0x78 and is_magic(code, data[at + 1]):
            return True
        wide = 0
        if 0xC2 <= code < 0xE0 and at + 1 < size and data[at + 1] & 0xC0 == 0x80:
            wide = 2
        elif 0xE0 <= code < 0xF0 and at + 2 < size and data[at + 1] & 0xC0 == 0x80 and data[at + 2] & 0xC0 == 0x80:
            wide = 3
        if wide or (code < 0x80 and _VALUE[code]):
            run += 1
            if run == _SHORTEST:
                return True
        else:
            run = 0
        at += max(wide, 1)
    return plain or zeros >= 4 or (size >= _LONG and letters * 10 >= size * 8)


@jit
def _is_keyed(data: Bytes, size: int) -> bool:
    """Return whether all bytes share their highest bit, as text under a key does."""
    if size < _LEAST_KEYED:
        return False
    for at in range(1, min(size, _KEY_SAMPLE)):
        if data[at] >> 7 != data[0] >> 7:
            return False
    return True
