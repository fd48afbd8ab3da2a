"""Joins folded lines of calendars, contact cards and LDIF. A long line goes on behind a line break and a blank.

See RFC 5545 and RFC 6350, section 3.1, and RFC 2849. The break may stand anywhere in a value. vCard 2.1 breaks
quoted-printable with "=" at the end of a line; the decoder reads that.
"""

import re
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*"
    rb"(?:BEGIN:V(?:CALENDAR|CARD|EVENT|TODO|JOURNAL)\b|version:[ \t]*1[ \t\r\n]|dn::?[ \t]*\S+)",
    re.IGNORECASE,
)
_FOLD = re.compile(rb"\r?\n[ \t]")
_BATCH = 1024 * 1024


def _is_folded(content: Content) -> bool:
    return _BEGINS.match(content.head) is not None and _FOLD.search(content.head) is not None


def _read(content: Content) -> Found:
    yield Piece(data=_unfolded(content), final=True)


def _unfolded(content: Content) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    with content.open() as file:
        for line in file:
            size += len(line)
            if lines and line[:1] in b" \t" and line.strip():
                lines[-1] = lines[-1].rstrip(b"\r\n")
                lines.append(line[1:])
                continue
            if size > _BATCH:
                yield b"".join(lines)
                lines, size = [], 0
            lines.append(line)
    yield b"".join(lines)


FOLDED = Reader(kind="folded", knows=_is_folded, read=_read)
