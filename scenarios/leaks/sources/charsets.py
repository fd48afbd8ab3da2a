"""Bytes of text in another character set than UTF-8 -> UTF-8, and which set it was."""

import codecs
import re

import charset_normalizer

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 32 * 1024
_LEAST = 8  # bytes outside ASCII, or a text of that length, by which a set can be told
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_EBCDIC_TEXT = frozenset([0x40, 0x25, 0x15, *range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA),
                          *range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA)])  # fmt: skip
_WIDE = re.compile(rb"(?:[\x20-\x7e\r\n\t]\x00\x00\x00){4}|(?:\x00\x00\x00[\x20-\x7e\r\n\t]){4}")


def charset_of(data: bytes) -> str | None:
    """The name of a text's character set. None for UTF-8, and for what is no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if len(sample) < _LEAST:
        return None
    if _WIDE.search(sample[:256]):
        return "utf-32-le" if sample[:1] != b"\x00" else "utf-32-be"
    if b"\x00" in sample or _is_mostly_utf8(data):
        return None
    if sum(byte in _EBCDIC_TEXT for byte in sample) > 0.85 * len(sample) and sample.count(b"\x40") * 40 > len(sample):
        return "cp500"
    if sample.translate(None, _CONTROL) != sample:
        return None
    best = charset_normalizer.from_bytes(_around(data), cp_exclusion=["utf_8", "ascii"]).best()
    return best.encoding if best else None


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether it is UTF-8, but for a few damaged bytes at most. The detector itself reads around those."""
    try:
        data.decode()
    except UnicodeDecodeError:
        wrong = data.decode("utf-8", "replace").count("�")
        return wrong * 20 < len(data) - len(data.translate(None, bytes(range(128, 256))))
    return True


def _around(data: bytes) -> bytes:
    """A sample of the bytes that holds characters beyond ASCII."""
    first = next((at for at in range(0, len(data), 4096) if not data[at : at + 4096].isascii()), 0)
    return data[max(first - 1024, 0) : first + _SAMPLE]


def to_utf8(data: bytes, charset: str) -> bytes:
    """The text as UTF-8. A mark stands where something could not be read."""
    return data.decode(charset, "replace").encode("utf-8", "replace")
