"""Reads a text that a query or a script puts together: of character codes, one call each (CHAR(82), Chr(111) & ...), or
of strings (CONCAT('a', 'b'), 'a'.concat('b')).
"""

import re

from scenarios.leaks.decode.packed.marks import Found, plausible
from scenarios.leaks.decode.written.around import runs

_MOST = 200_000  # calls of one text
_CALL = rb"(?i:n?char|chrw?[b$]?|fromcharcode|unichr|codepoint)\(\s?(0x[0-9A-Fa-f]{1,6}|[0-9]{1,7})\s?\)"
_ONE = re.compile(_CALL)
_CALLS = re.compile(_CALL + rb"(?:[\s,+&|._\"']{0,20}" + _CALL + rb"){3,}")
_QUOTED = rb"(?:'[^'\r\n]{0,400}'|\"[^\"\r\n]{0,400}\")"
_CONCAT = re.compile(
    rb"(?:"
    + _QUOTED
    + rb"\s{0,20}\.\s{0,20})?(?i:concat)\(\s{0,20}"
    + _QUOTED
    + rb"(?:\s{0,20},\s{0,20}"
    + _QUOTED
    + rb"){0,200}"
)
_STRING = re.compile(rb"'([^']*)'|\"([^\"]*)\"")


def calls(data: bytes) -> Found:
    """Yield the texts, one line each."""
    texts = []
    for codes in runs(_CALLS, _ONE, data):
        numbers = [int(code, 16 if code[:2] in (b"0x", b"0X") else 10) for code in codes[:_MOST]]
        text = "".join(chr(code) for code in numbers if code <= 0x10FFFF and not 0xD800 <= code < 0xE000).encode()
        if plausible(text):
            texts.append(text)
    if texts:
        yield "codes", b"\n".join(texts)


def concatenated(data: bytes) -> Found:
    """Yield the strings of each such call as one text, one line each."""
    calls_of = (
        b"".join(text for pair in _STRING.findall(match[0]) for text in pair) for match in _CONCAT.finditer(data)
    )
    texts = dict.fromkeys(text for text in calls_of if text)
    if texts:
        yield "literals", b"\n".join(texts)
