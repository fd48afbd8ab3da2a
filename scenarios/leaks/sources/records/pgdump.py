"""pg_dump's custom format -> each table's rows and each large object: chunks put together, then opened."""

import re

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins

_MOST = 1024 * 1024 * 1024
_INT = 5  # bytes of a number: a sign, then four bytes, the lowest first (pg_backup_archiver.c, WriteInt)
_DATA = re.compile(rb"\x01\x00...\x00\x00...\x00", re.DOTALL)  # a table's block: its kind, its number, a chunk's length
_BLOBS = re.compile(rb"\x03\x00...\x00\x00....\x00...\x00", re.DOTALL)  # large objects: the first one's number, too


def _read(content: Content) -> Found:
    data = content.whole(_MOST)
    at = 0
    while found := _DATA.search(data, at):
        chunks, end = _chunks(data, found.start() + 1 + _INT)
        if chunks:
            yield Piece(data=chunks)
        at = end if chunks else found.start() + 1
    at = 0
    while found := _BLOBS.search(data, at):
        chunks, end = _chunks(data, found.start() + 1 + 2 * _INT)
        while chunks:
            yield Piece(data=chunks)
            chunks, end = _chunks(data, end + _INT)
        at = max(end, found.start() + 1)


def _chunks(data: bytes, at: int) -> tuple[bytes, int]:
    """The chunks from `at` up to one without length, and where that ends. Nothing if there is no such end."""
    out: list[bytes] = []
    while size := _size(data, at):
        if size < 0 or at + _INT + size > len(data):
            return b"", at
        out.append(data[at + _INT : at + _INT + size])
        at += _INT + size
    return b"".join(out), at + _INT


def _size(data: bytes, at: int) -> int:
    if at + _INT > len(data) or data[at]:
        return -1
    return int.from_bytes(data[at + 1 : at + _INT], "little")


PGDUMP = Reader(kind="pg_dump", knows=begins(b"PGDMP"), read=_read)
