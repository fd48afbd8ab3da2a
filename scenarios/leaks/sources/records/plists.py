"""Turns Apple's binary property lists into JSON lines. Their numbers are stored as bytes."""

import plistlib
from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_MOST = 256 * 1024 * 1024


def _read(content: Content) -> Found:
    value = plistlib.loads(content.whole(_MOST), fmt=plistlib.FMT_BINARY)
    yield from pieces_of_rows(_rows(value))


def _rows(value: Any) -> Iterator[Any]:
    """Gives a list's members one by one, so that values of different people do not stand side by side."""
    objects = value.get("$objects") if isinstance(value, dict) else None  # of an archiver
    yield from value if isinstance(value, list) else [value] if objects is None else objects


PLIST = Reader(kind="plist", knows=begins(b"bplist0"), read=_read)
