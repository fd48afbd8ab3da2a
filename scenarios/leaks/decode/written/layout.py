"""Takes out what a page or a table puts into a word or a number: the hyphen at a line's end, bold within a word, commas
between thousands.
"""

import re

from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.written.around import around

_REACH = 60  # bytes on either side that a name or an address may need
_HYPHEN = re.compile(rb"(?<=[a-z\x80-\xff])(?:-|\xc2\xad)[ \t]*\r?\n[ \t>#*/|]*(?=[a-z\x80-\xff])")
_BOLD = re.compile(rb"\*\*|~~")
_THOUSANDS = re.compile(rb"(?<![0-9.])(?<![0-9],)[1-9][0-9]{0,2}(?:,[0-9]{3}){3}(?![0-9]|,[0-9])")


def hyphenated(data: bytes) -> Found:
    """Join words that a line's end cut in two."""
    yield from around("hyphenated", data, _HYPHEN, lambda _match: b"", reach=_REACH)


def emphasised(data: bytes) -> Found:
    """Take Markdown's bold and struck-out signs away, some of which stand inside a word."""
    yield from around("emphasis", data, _BOLD, lambda _match: b"", reach=_REACH)


def thousands(data: bytes) -> Found:
    """Give numbers without the commas of a spreadsheet's format: "15,415,550,123" is a telephone number."""
    numbers = [match[0].replace(b",", b"") for match in _THOUSANDS.finditer(data)]
    if numbers:
        yield "thousands", b"\n".join(numbers)
