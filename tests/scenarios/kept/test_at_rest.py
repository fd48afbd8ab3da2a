"""Files that a system left are read by their kind, and what could not be read is said."""

import gzip
import io
import random
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gateway.identities import Identities
from scenarios.kept.at_rest import searched
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector

HOME = control_household(3)
NAME = HOME.members[0].name


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    return LeakDetector(Identities(schema=1, households=(HOME,)))


def fields(path: Path, detector: LeakDetector) -> set[str]:
    (file,) = searched([path], detector)
    assert file.not_searched == ()
    return {finding.field for finding in file.findings}


def a_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"who": [NAME, "x"]}), out, compression="zstd")
    return out.getvalue()


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("log.txt", f"for {NAME}\n" * 20)
    return out.getvalue()


def a_log() -> bytes:
    return gzip.compress(f"of {NAME}\n".encode() * 3)


@pytest.mark.parametrize("made", [a_parquet, a_zip, a_log])
def test_a_file_is_read_by_its_kind(tmp_path: Path, detector: LeakDetector, made: Callable[[], bytes]) -> None:
    (tmp_path / "kept").write_bytes(made())
    assert "members.name" in fields(tmp_path / "kept", detector)


def test_a_database_is_read_row_by_row(tmp_path: Path, detector: LeakDetector) -> None:
    with sqlite3.connect(tmp_path / "clips.db") as base:
        base.execute("create table clips (said text)")
        base.execute("insert into clips values (?)", (NAME,))
    base.close()
    assert "members.name" in fields(tmp_path / "clips.db", detector)


def test_the_name_of_a_file_is_searched_and_never_shown(tmp_path: Path, detector: LeakDetector) -> None:
    (tmp_path / f"{NAME}.txt").write_text("nothing")
    (file,) = searched([tmp_path / f"{NAME}.txt"], detector)
    assert [finding.where.kind for finding in file.findings] == ["file_name"]
    assert NAME not in file.name + str(file.findings)


def test_what_cannot_be_read_is_said_unless_it_is_accepted(tmp_path: Path, detector: LeakDetector) -> None:
    path = tmp_path / "sealed.bin"
    path.write_bytes(b"\x00\xff" + random.Random(1).randbytes(4_000))
    (file,) = searched([path], detector)
    assert "unknown: unknown container (searched as raw bytes)" in file.not_searched
    (file,) = searched([path], detector, accepted=["unknown container", "over bounds"])
    assert file.not_searched == ()
    (file,) = searched([path], detector, encrypted=[path.name])
    assert (file.encrypted, file.not_searched) == (True, ())
