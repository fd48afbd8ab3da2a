"""Databases: rows of a file, of one inside an archive, and of one whose newest rows stand in its log."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.scenarios.leaks.sources.conftest import ROW


def made(path: Path, row: dict[str, Any]) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE homes (who TEXT, mail TEXT, street BLOB, lat REAL, lon REAL)")
        values = (row["who"], row["mail"], gzip.compress(json.dumps(row).encode() * 20), row["lat"], row["lon"])
        database.execute("INSERT INTO homes VALUES (?, ?, ?, ?, ?)", values)
        database.commit()
    return path


def test_rows_coordinates_and_packed_cells(seen: Callable[..., Any], tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", ROW)
    for data in (path, path.read_bytes(), gzip.compress(path.read_bytes())):
        assert seen(data).fields >= {"members.name", "members.emails", "home.street", "home.latitude"}


def test_rows_that_are_only_in_the_log(seen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE homes (who TEXT)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO homes VALUES (?)", (ROW["who"],))
        database.commit()
        assert seen(path).fields == {"members.name"}
