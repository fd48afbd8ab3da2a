"""Archived web pages (WARC, ISO 28500) -> each record: its head, and what was answered as an HTTP message."""

import re

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d+)")
_MOST_LINES = 1_000  # of one head


def _read(content: Content) -> Found:
    with content.open() as file:
        while line := file.readline():
            if not line.strip():
                continue
            if not line.startswith(b"WARC/"):
                yield Unread(kind="warc", name="", why="damaged", detail="no record where one should begin")
                return
            head = [line]
            while len(head) < _MOST_LINES and (line := file.readline()).strip():
                head.append(line)
            yield Piece(data=b"".join(head), label="record", final=True)
            length = _LENGTH.search(b"".join(head))
            body = file.read(int(length[1])) if length else b""
            if body:
                yield Piece(data=body, label="record")


WARC = Reader(kind="warc", knows=begins(b"WARC/1.", b"WARC/0."), read=_read)
