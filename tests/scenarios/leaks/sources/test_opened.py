"""Whatever a file pretends to be, opening it ends, raises nothing and says what it left."""

import os
import random
import socket
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.leaks.sources import readers
from scenarios.leaks.sources.containers import unopened
from scenarios.leaks.sources.folder import files_below
from scenarios.leaks.sources.opened import opened
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Reader, Unread, Wanted
from scenarios.leaks.sources.readers import READERS

MARKS = st.sampled_from(
    [
        b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x1f\x8b\x08", b"BZh91AY&SY",
        b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\xff\x06\x00\x00sNaPpY", b"!<arch>\n",
        b"SQLite format 3\0", b"PAR1", b"ORC", b"ARROW1\x00\x00", b"FEA1", b"Obj\x01", b"PGDMP",
        b"PACK\x00\x00\x00\x02",
        b"\x93NUMPY\x01\x00", b"REDIS0009", b"LPKSHHRH", b"%PDF-1.4\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
        b"\x0a\x0d\x0d\x0a", b"ID3\x03", b"fLaC", b"OggS", b"\x00\x00\x00\x18ftypisom", b"HTTP/1.1 200 OK\r\n",
        b"\x10\x0f\x00\x04MQTT", b"\x16\x03\x01", b"From: a\nSubject: b\n\n", b"From a\nTo: b\n", b"\x80\x04\x95",
        b'<svg xmlns="http://www.w3.org/2000/svg">', b'{"log": {"entries": [', b"\xa1\x63abc", b"\x82\xa1a",
    ]
)  # fmt: skip


def all_of(data: bytes) -> list[Unread | Wanted]:
    return list(opened(Content((data,)), "f", masked=lambda text: text))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MARKS, st.binary(max_size=300), st.booleans())
def test_every_reader_survives_anything_behind_its_mark(mark: bytes, rest: bytes, twice: bool) -> None:
    told = all_of(mark + rest + (mark + rest if twice else b""))
    assert all(isinstance(each, Wanted | Unread) for each in told)
    assert told


def test_each_reader_has_a_name_of_its_own() -> None:
    kinds = [reader.kind for reader in READERS]
    assert len(set(kinds)) == len(kinds) > 40


def test_what_stands_in_no_reader_is_searched_raw_and_noted() -> None:
    told = all_of(b"hsqs" + b"the lamp of Tami Lutz" * 3)
    assert [(each.kind, each.why) for each in told if isinstance(each, Unread)] == [("squashfs", "unknown container")]
    assert any(b"Tami Lutz" in part.data for each in told if isinstance(each, Wanted) for part in each.parts)


def test_noise_is_noted_and_text_is_not() -> None:
    assert unopened(Content((random.Random(1).randbytes(5_000),))).kind == "unknown"
    for text in (b"", b"plain text " * 100, "größer ".encode() * 100, bytes(5_000), b"\x00\x01\x02abc" * 300):
        assert unopened(Content((text,))) is None


def test_pipes_sockets_and_circles_of_links_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f").write_text("x")
    (tmp_path / "a" / "back").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "self").symlink_to("self")
    os.mkfifo(tmp_path / "a" / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "a" / "s"))
        found = list(files_below(tmp_path / "a", str))
    assert [each.name for each in found if not isinstance(each, Unread)] == ["f"]
    kinds = sorted(each.kind for each in found if isinstance(each, Unread))
    assert kinds == ["link", "pipe", "socket"]


def test_a_bomb_is_cut_off_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios.leaks.sources import opened as opened_module

    monkeypatch.setattr(opened_module, "_ROOM", 3_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(20):
            archive.writestr(f"{at}", bytes([at]) * 1_000_000)
    told = list(opened(Content(path), "f", masked=str))
    assert ("zip", "over bounds") in {(each.kind, each.why) for each in told if isinstance(each, Unread)}


def test_a_reader_that_cannot_tell_is_named_and_the_others_still_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_content: Content) -> bool:
        raise ValueError("no such sign")

    broken = Reader(kind="strange", knows=fails, read=lambda _content: iter(()))
    monkeypatch.setattr(readers, "READERS", (broken, *READERS))
    told = all_of(b"\x1f\x8b\x08not gzip at all")
    assert {each.kind for each in told if isinstance(each, Unread)} == {"strange", "gzip"}


def test_columns_of_odd_digits_are_no_printed_bytes() -> None:
    rows = b"".join(b"0000%02d 43 75 7374 %s\n" % (at, b"65 6f6" if at % 2 else b"65 6f") for at in range(9))
    assert not [each for each in all_of(rows) if isinstance(each, Unread)]
