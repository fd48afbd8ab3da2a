"""Databases: rows of a file, of one inside an archive, and of one whose newest rows stand in its log."""

import gzip
import json
import sqlite3
from contextlib import closing

from tests.scenarios.leaks.sources.conftest import ROW


def made(path, row):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE homes (who TEXT, mail TEXT, street BLOB, lat REAL, lon REAL)")
        values = (row["who"], row["mail"], gzip.compress(json.dumps(row).encode() * 20), row["lat"], row["lon"])
        database.execute("INSERT INTO homes VALUES (?, ?, ?, ?, ?)", values)
        database.commit()
    return path


def test_rows_coordinates_and_packed_cells(seen, tmp_path):
    path = made(tmp_path / "a.db", ROW)
    for data in (path, path.read_bytes(), gzip.compress(path.read_bytes())):
        assert seen(data).fields >= {"members.name", "members.emails", "home.street", "home.latitude"}


def test_rows_that_are_only_in_the_log(seen, tmp_path):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE homes (who TEXT)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO homes VALUES (?)", (ROW["who"],))
        database.commit()
        assert seen(path).fields == {"members.name"}
