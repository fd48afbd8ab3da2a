"""Reads every row of every table of an SQLite database. A coordinate that is stored as eight bytes becomes a number."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows

MAGIC = b"SQLite format 3\0"
_IN_MEMORY = 256 * 1024 * 1024


def _read(content: Content) -> Found:
    """Rows as JSON lines with their column names. Byte values come as parts. A log beside the file is read with it."""
    database = _opened(content)
    try:
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        for table in _tables(database):
            try:
                yield from pieces_of_rows(_rows(database, table), kind="database")
            except sqlite3.Error as error:
                detail = f"{type(error).__name__}; its rows were not all searched"
                yield Unread(kind="sqlite", name=table, why="damaged", detail=detail)
    except sqlite3.Error as error:
        yield Unread(
            kind="sqlite", name="", why="damaged", detail=f"{type(error).__name__}; its rows were not searched"
        )
    finally:
        database.close()


def rows_of(path: Path) -> bytes:
    """Every row of every table of a database file as JSON lines. Nothing for any other file.

    Raises:
        sqlite3.Error: the file is broken or locked.
    """
    content = Content(path)
    if not SQLITE.knows(content):
        return b""
    lines = []
    for piece in _read(content):
        if isinstance(piece, Unread):
            raise sqlite3.DatabaseError(str(piece))
        lines.append(_bytes(piece))
    return b"\n".join(lines)


def _bytes(piece: Piece) -> bytes:
    return piece.data if isinstance(piece.data, bytes) else b"".join(piece.data)


def _opened(content: Content) -> sqlite3.Connection:
    if content.path:
        return sqlite3.connect(f"{content.path.absolute().as_uri()}?mode=ro", uri=True)
    database = sqlite3.connect(":memory:")
    data = bytearray(content.whole(_IN_MEMORY))
    data[18:20] = b"\x01\x01"  # a copy has no log beside it, and would not open without
    database.deserialize(bytes(data))
    return database


def _tables(database: sqlite3.Connection) -> list[str]:
    return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _rows(database: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    quoted = '"' + table.replace('"', '""') + '"'
    cursor = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (a name from the file's own catalogue)
    columns = [column[0] for column in cursor.description]
    for row in cursor:
        yield {"table": table, **dict(zip(columns, row, strict=True))}


SQLITE = Reader(kind="sqlite", knows=begins(MAGIC), read=_read)
