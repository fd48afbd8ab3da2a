"""Kept clips from a real PostgreSQL server, where there is one: read by a user's query, and never written to."""

from pathlib import Path

import pytest

from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.model.targets.target_file import Attached, load_target_file
from tests.gateway.storage.conftest import postgresql

__all__ = ["postgresql"]
TARGET = """
target: 1
kind: attached
name: mine
kept:
  kind: sql
  url: URL
  query: QUERY
  session: call
  audio: {bytes: sound, format: raw}
"""


def target(folder: Path, url: str, query: str) -> Attached:
    path = folder / "target.yaml"
    path.write_text(TARGET.replace("URL", url).replace("QUERY", query))
    found = load_target_file(path)
    assert isinstance(found, Attached)
    return found


def test_rows_and_sounds_are_read_and_a_query_cannot_write(tmp_path: Path, postgresql: tuple[str, Path]) -> None:
    psycopg = pytest.importorskip("psycopg")
    url = postgresql[0].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept_clips (call text, sound bytea)")
        connection.execute("CREATE SEQUENCE counted")
        connection.execute("INSERT INTO kept_clips VALUES ('one', %s), ('two', NULL)", (b"\x01\x02" * 40,))
    read = read_kept(target(tmp_path, url, "SELECT call, sound FROM kept_clips ORDER BY call"), tmp_path)
    assert [(clip.session, clip.audio) for clip in read.clips] == [("one", b"\x01\x02" * 40), ("two", None)]
    assert read.notes == ("a row has no sound in the column that kept.audio names (1 times)",)
    for writes, why in (
        ("WITH gone AS (DELETE FROM kept_clips RETURNING call) SELECT call FROM gone", "FeatureNotSupported"),
        ("SELECT nextval('counted') AS call", "ReadOnlySqlTransaction"),
    ):
        with pytest.raises(Unreadable, match=why):
            read_kept(target(tmp_path, url, writes), tmp_path)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept_clips").fetchone() == (2,)
