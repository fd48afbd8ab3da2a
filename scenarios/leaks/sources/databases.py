"""A database file's rows as text: a coordinate stored as eight raw bytes is a coordinate all the same."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"


def is_sqlite(data: bytes) -> bool:
    return data.startswith(MAGIC)


def rows_of(path: Path) -> bytes:
    """Every row of every table as a JSON line with its column names; blobs are left to the search of the raw file.

    Raises:
        sqlite3.Error: the file is broken or locked.
    """
    return b"\n".join(batches_of(path))


def batches_of(path: Path, size: int = 4 * 1024 * 1024) -> Iterator[bytes]:
    """`rows_of` in pieces of about `size` bytes, so that a large database needs no memory of its own size.

    Raises:
        sqlite3.Error: as `rows_of`.
    """
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        batch: list[bytes] = []
        room = size
        for line in _lines(database):
            batch.append(line.encode("utf-8", "replace"))
            room -= len(batch[-1])
            if room <= 0:
                yield b"\n".join(batch)
                batch, room = [], size
        if batch:
            yield b"\n".join(batch)
    finally:
        database.close()


def _lines(database: sqlite3.Connection) -> Iterator[str]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        quoted = '"' + table.replace('"', '""') + '"'
        cursor = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (a name from the file's own catalogue)
        columns = [column[0] for column in cursor.description]
        for row in cursor:
            shown = {name: value for name, value in zip(columns, row, strict=True) if not isinstance(value, bytes)}
            yield json.dumps({"table": table, **shown}, ensure_ascii=False)
