"""Reads bytes that a program lists one by one with the same signs between them: [char]67+[char]117, 43h, 8'h43, 43^75,
67 'C'. Also single characters in quotes, seven bits a character, and octal codes without leading zeros.
"""

import re
from collections.abc import Iterator

from scenarios.leaks.decode.packed.marks import Found, plausible

# What stands between two of them: the same signs each time, which no plain list of numbers has.
_BETWEEN = rb"[^0-9A-Fa-f\s,;:\[\]{}][^\r\n]{0,10}?|[,;] ?[^0-9\s,;:][^\r\n]{0,9}?"
_DECIMAL = re.compile(rb"[0-9]{2,3}(" + _BETWEEN + rb")[0-9]{2,3}(?:\1[0-9]{2,3}){6,}(?![0-9])")
_HEX = re.compile(rb"[0-9A-Fa-f]{2}(" + _BETWEEN + rb")[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){6,}(?![0-9A-Fa-f])")
_LETTER = rb"(?:'(?:[^'\\\r\n]|\\.)'|\"(?:[^\"\\\r\n]|\\.)\")"
_LETTERS = re.compile(_LETTER + rb"(?:[^'\"\r\n]{1,8}(?:\r?\n[^'\"\r\n]{0,24})?" + _LETTER + rb"){5,}")
_ONE_LETTER = re.compile(_LETTER)
_SEVEN = re.compile(rb"(?<![01])[01]{7}(?:[ ,][01]{7}){5,}(?![01])")
_OCTAL = re.compile(rb"(?:\\0?[0-7]{1,3}){4,}")
_ONE_OCTAL = re.compile(rb"\\0?([0-7]{1,3})")
_MOST = 200_000  # codes of one text


def units(data: bytes) -> Found:
    """Yield the texts, one line each."""
    texts = [text for text in _texts(data) if plausible(text)]
    if texts:
        yield "codes", b"\n".join(dict.fromkeys(texts))


def _texts(data: bytes) -> Iterator[bytes]:
    for pattern, base in ((_DECIMAL, 10), (_HEX, 16)):
        for match in pattern.finditer(data):
            codes = match[0].split(match[1])[:_MOST]
            numbers = [int(code, base) for code in codes if code]
            if max(numbers) < 256:
                yield bytes(numbers)
    for match in _SEVEN.finditer(data):
        yield bytes(int(code, 2) for code in re.split(rb"[ ,]", match[0])[:_MOST])


def letters(data: bytes) -> Found:
    """Yield texts whose characters stand in quotes one by one."""
    texts = [
        b"".join(letter[1:-1].removeprefix(b"\\") for letter in _ONE_LETTER.findall(match[0]))
        for match in _LETTERS.finditer(data)
    ]
    if texts:
        yield "codes", b"\n".join(texts)


def short_octal(data: bytes) -> Found:
    r"""Yield texts of octal escapes that have one to three digits, or four with a zero first: "\56", "\0103"."""
    codes = ([int(code, 8) for code in _ONE_OCTAL.findall(match[0])[:_MOST]] for match in _OCTAL.finditer(data))
    texts = [bytes(each) for each in codes if max(each) < 256]
    if texts := [text for text in texts if plausible(text)]:
        yield "escapes", b"\n".join(texts)
