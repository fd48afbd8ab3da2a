"""Turns bytes into readable text, whatever their character set: UTF-8, Latin-1 where that fails, wide text."""

import codecs
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.packed.marks import EBCDIC_WORDS

_RUNS = re.compile(
    rb"(?:[\x20-\x7e\t\r\n]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})
_BOMS = ((b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"))
_BIG_ENDIAN = (b"\xfe\xff", "utf-16-be")
_LEAST_UNITS = 4  # of a whole wide text
_WIDE_SHARE = 0.95  # of its units that stand for a character people write
_ZEROS = 0.3  # share of zero bytes in wide Latin text, at least
_RUN = 5  # units of a wide run inside something else
_SAMPLE = 8_192
_TWO_UNITS = re.compile(rb"[^\0]\0[^\0]\0|\0[^\0]\0[^\0]")  # every run of Latin letters holds two in a row
_EBCDIC_LEAST = 12
_PIECES = "latin-1 pieces"


def _latin(error: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that are no UTF-8, and only those, as Windows-1252 or Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    try:
        return bad.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return bad.decode("latin-1"), error.end


codecs.register_error(_PIECES, _latin)


def readable(data: bytes, *, latin: bool = True) -> tuple[str, bool]:
    """Return the text, and whether it is only the readable runs of something binary, one a line.

    The text is UTF-8. With `latin`, bytes that are no UTF-8 are read as Windows-1252 or Latin-1.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and "\x00" not in text:
        return text, False
    if latin and text is None and len(data.translate(None, _CONTROL)) == len(data):
        return data.decode("utf-8", _PIECES), False
    return b"\n".join(_RUNS.findall(data)).decode("utf-8", "replace"), True


def wide(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (step, UTF-8 bytes) of UTF-16, UTF-32 and EBCDIC text: all of it, or else the runs of UTF-16 in it."""
    whole = _whole(data)
    if whole:
        yield whole
        return
    if b"\0" in data and _TWO_UNITS.search(data):
        runs = [run for order in "<>" for start in (0, 1) for run in _runs(data, f"{order}u2", start)]
        if runs:
            yield "utf-16 runs", "\n".join(runs).encode("utf-8", "replace")
    elif b"\0" not in data and not data.isascii() and (text := _ebcdic(data)):
        yield "ebcdic", text.encode()


def is_wide(data: bytes) -> bool:
    """Return whether UTF-16 or UTF-32 text stands in the bytes, or all of them are EBCDIC."""
    if data.count(0) < _LEAST_UNITS:
        return not data.isascii() and bool(_ebcdic(data))
    if _whole(data) is not None:
        return True
    return _TWO_UNITS.search(data) is not None and any(_runs(data, f"{o}u2", s) for o in "<>" for s in (0, 1))


def _whole(data: bytes) -> tuple[str, bytes] | None:
    """Decode bytes that are wide text as a whole: they have a byte order mark, or nearly all units are characters in
    common use.
    """
    for bom, name in (*_BOMS, _BIG_ENDIAN):
        if data.startswith(bom) and len(data) > len(bom):
            text = data[len(bom) :].decode(name, "replace")
            return name[:6], text.replace("\0", " ").encode("utf-8", "replace")
    sample = data[:_SAMPLE]
    for name, order, size in (("utf-32", "u4", 4), ("utf-16", "u2", 2)):
        usable = len(sample) // size * size
        if usable < size * _LEAST_UNITS or sample.count(0) < _ZEROS * len(sample):
            continue
        both = {way: np.frombuffer(sample[:usable], way + order) for way in "<>"}
        for way in sorted(both, key=lambda each: -_written(both[each], ascii_only=True).mean()):
            units = both[way]
            if _written(units, ascii_only=False).mean() >= _WIDE_SHARE:
                whole = data[: len(data) // size * size]
                text = whole.decode(f"{name}-{'le' if way == '<' else 'be'}", "replace")
                return name, text.encode("utf-8", "replace")
    return None


def _written(units: npt.NDArray[np.unsignedinteger], *, ascii_only: bool) -> npt.NDArray[np.bool_]:
    """Mark the units that are Latin characters or signs. Without `ascii_only`, other scripts in common use count
    too.
    """
    told = ((units >= 0x20) & (units < 0x7F)) | (units == 9) | (units == 10) | (units == 13)
    if ascii_only:
        return np.asarray(told | ((units >= 0xA0) & (units < 0x180)) | ((units >= 0x2010) & (units < 0x2027)), np.bool_)
    scripts = ((units >= 0xA0) & (units < 0x700)) | ((units >= 0x1E00) & (units < 0x2100))
    asian = ((units >= 0x3000) & (units < 0x3100)) | ((units >= 0x4E00) & (units < 0x9FB0))
    asian |= (units >= 0xAC00) & (units < 0xD7A4)
    told = told | scripts | asian | ((units >= 0xFF00) & (units < 0xFFEF)) | (units == 0xFEFF)
    return np.asarray(told, np.bool_)


def _runs(data: bytes, kind: str, start: int) -> list[str]:
    """Return the runs of at least `_RUN` wide Latin characters that begin at an even distance from `start`."""
    usable = (len(data) - start) // 2 * 2
    if usable < 2 * _RUN:
        return []
    units = np.frombuffer(data, np.dtype(kind), usable // 2, start)
    told = np.concatenate([[False], _written(units, ascii_only=True), [False]])
    edges = np.flatnonzero(told[1:] != told[:-1])
    begins, ends = edges[::2], edges[1::2]
    long = ends - begins >= _RUN
    name = "utf-16-le" if kind[0] == "<" else "utf-16-be"
    found = []
    for begin, end in zip(begins[long].tolist(), ends[long].tolist(), strict=True):
        text = data[start + 2 * begin : start + 2 * end].decode(name, "replace")
        if len(text.encode("ascii", "ignore")) * 2 >= len(text):
            found.append(text)
    return found


def _ebcdic(data: bytes) -> str:
    """Decode an IBM mainframe's text (code page 037), or return nothing. In such text nearly all bytes are its letters
    and digits.
    """
    sample = data[:_SAMPLE]
    if len(sample) < _EBCDIC_LEAST or len(sample.translate(None, EBCDIC_WORDS)) > 0.1 * len(sample):
        return ""
    return data.decode("cp037").replace("\x85", "\n")
