"""Coordinates as raw numbers, in a database's live and freed pages and its write-ahead log."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

HOME = control_household(3).home
FILE = Where(kind="file", name="clips.db")


def fields(detector: LeakDetector, data: bytes) -> set[tuple[str, Any]]:
    return {(finding.field, finding.how) for finding in detector.scan_bytes(data, FILE)}


@pytest.mark.parametrize("order", "<>")
def test_doubles_and_floats_in_either_order(detector: LeakDetector, order: str) -> None:
    noise = bytes(range(256))
    double = struct.pack(f"{order}dd", HOME.longitude, HOME.latitude)
    floats = struct.pack(f"{order}ff", HOME.latitude, HOME.longitude)
    assert fields(detector, noise + double + noise) == {("home.latitude", ("packed double", "place"))}
    assert fields(detector, noise + floats + noise) == {("home.latitude", ("packed floats", "place"))}
    assert not fields(detector, noise + double[:7] + noise)


def test_a_deleted_row_is_still_in_the_file_and_found(detector: LeakDetector, tmp_path: Path) -> None:
    path = tmp_path / "clips.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE clips (ref TEXT, latitude REAL, longitude REAL, note TEXT)")
        person = control_household(3).members[0]
        database.execute("INSERT INTO clips VALUES ('r', ?, ?, ?)", (HOME.latitude, HOME.longitude, person.name))
        database.commit()
        database.execute("DELETE FROM clips")
        database.commit()
    found = {field for field, _ in fields(detector, path.read_bytes())}
    assert found == {"home.latitude", "members.name"}


def test_the_write_ahead_log_is_read(detector: LeakDetector, tmp_path: Path) -> None:
    path = tmp_path / "clips.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE clips (latitude REAL, longitude REAL)")
        database.execute("INSERT INTO clips VALUES (?, ?)", (HOME.latitude, HOME.longitude))
        database.commit()
        log = (tmp_path / "clips.db-wal").read_bytes()
    assert ("home.latitude", ("packed double", "place")) in fields(detector, log)


def test_plain_search_finds_the_same(known: Identities) -> None:
    plain = LeakDetector(known, plain=True)
    assert fields(plain, b"\0" + struct.pack(">d", HOME.latitude))
