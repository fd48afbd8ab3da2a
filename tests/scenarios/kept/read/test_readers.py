"""Readers: what a hostile or broken store answers becomes a note or one line, and no other host is asked."""

import base64
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files import BadFile
from gateway.wire import encode_wav
from scenarios.kept.read import client as http_client
from scenarios.kept.read.clip import Read, Unreadable
from scenarios.kept.read.paths import MISSING, at, without
from scenarios.kept.read.readers import READERS, read_kept
from scenarios.kept.sound import samples_of
from scenarios.model.targets.kept import Audio
from scenarios.model.targets.target_file import Attached, load_target_file

WAV = encode_wav(np.arange(1_600, dtype="<i2").tobytes())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def target(folder: Path, kept: str, join: str = "count") -> Attached:
    path = folder / "target.yaml"
    path.write_text(f"target: 1\nkind: attached\nname: mine\nkept:\n{kept}\njoin: {join}\n")
    found = load_target_file(path)
    assert isinstance(found, Attached)
    return found


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, tuple[int, dict[str, str], bytes]], list[str]]]:
    """Address, what is answered by path, and what was asked for."""
    pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", pages, asked
    server.shutdown()
    server.server_close()


def over_http(folder: Path, address: str, more: str = "") -> Read:
    return read_kept(target(folder, f"  kind: http\n  list: {address}/clips\n{more}"), folder)


@pytest.mark.parametrize("status", [301, 401, 403, 404, 500, 503])
def test_a_list_that_is_refused_is_unreadable_with_its_status(tmp_path: Path, served: Any, status: int) -> None:
    address, pages, _ = served
    pages["/clips"] = (status, {"Location": "http://127.0.0.2:9/elsewhere"}, b"[]")
    with pytest.raises(Unreadable, match=str(status)):
        over_http(tmp_path, address)


def test_no_other_host_is_asked(tmp_path: Path, served: Any) -> None:
    address, pages, _ = served
    pages["/clips"] = (
        200,
        {},
        json.dumps([{"wav": "http://127.0.0.2:9/a.wav"}, {"wav": "file:///etc/passwd"}]).encode(),
    )
    read = over_http(tmp_path, address, "  audio: {url: wav}")
    assert [clip.audio for clip in read.clips] == [None, None]
    assert all("does not name" in (clip.trouble or "") for clip in read.clips)
    assert len(read.notes) == 1
    pages["/clips"] = (200, {}, json.dumps({"data": [], "next": "http://127.0.0.2:9/more"}).encode())
    with pytest.raises(Unreadable, match="does not name"):
        over_http(tmp_path, address, "  items: data\n  next: next")


def test_pages_in_a_circle_end(tmp_path: Path, served: Any) -> None:
    address, pages, asked = served
    pages["/clips"] = (200, {}, json.dumps({"data": [{}], "next": "/clips"}).encode())
    read = over_http(tmp_path, address, "  items: data\n  next: next")
    assert len(read.clips) == 1
    assert "circle" in read.notes[0]
    assert asked == ["/clips"]


def test_an_endless_answer_ends_at_its_bound(tmp_path: Path, served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, pages, _ = served
    monkeypatch.setattr(http_client, "MOST_BYTES", 1_000)
    pages["/clips"] = (200, {}, b"[" + b" " * 5_000)
    with pytest.raises(Unreadable, match="no end"):
        over_http(tmp_path, address)


def test_an_id_from_outside_stays_one_part_of_an_address(tmp_path: Path, served: Any) -> None:
    address, pages, asked = served
    pages["/clips"] = (200, {}, json.dumps([{"id": "../secrets?x=1#y"}]).encode())
    over_http(tmp_path, address, f'  id: id\n  audio: {{template: "{address}/sounds/{{id}}"}}')
    assert asked[1:] == ["/sounds/..%2Fsecrets%3Fx%3D1%23y"]


@pytest.mark.parametrize("body", [b"{}", b"no json", b"", b"[" * 100_000])
def test_what_is_no_list_is_unreadable(tmp_path: Path, served: Any, body: bytes) -> None:
    address, pages, _ = served
    pages["/clips"] = (200, {}, body)
    with pytest.raises(Unreadable):
        over_http(tmp_path, address)


def test_a_bearer_comes_from_the_environment_or_a_private_file(
    tmp_path: Path, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, pages, _ = served
    pages["/clips"] = (200, {}, b"[]")
    with pytest.raises(BadFile, match="no MY_TOKEN"):
        over_http(tmp_path, address, "  login: {bearer: {env: MY_TOKEN}}")
    monkeypatch.setenv("MY_TOKEN", "abc")
    assert over_http(tmp_path, address, "  login: {bearer: {env: MY_TOKEN}}").clips == ()
    secret = tmp_path / "token"
    secret.write_text("abc")
    secret.chmod(0o644)
    with pytest.raises(BadFile, match="chmod 600"):
        over_http(tmp_path, address, "  login: {bearer: {file: token}}")
    secret.chmod(0o600)
    assert over_http(tmp_path, address, "  login: {bearer: {file: token}}").clips == ()


def test_a_query_reads_rows_and_cannot_write(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mine.db") as db:
        db.execute("CREATE TABLE clips (call, said, sound BLOB)")
        db.execute("INSERT INTO clips VALUES ('s1', 'alexa', ?)", (WAV,))
    rows = "  kind: sql\n  url: sqlite:///mine.db\n  query: {}\n  session: call\n  audio: {{bytes: sound}}"
    (clip,) = read_kept(target(tmp_path, rows.format("SELECT * FROM clips")), tmp_path).clips
    assert (clip.session, clip.audio) == ("s1", WAV)
    assert json.loads(clip.record) == {"call": "s1", "said": "alexa"}
    with pytest.raises(Unreadable, match="OperationalError"):
        read_kept(target(tmp_path, rows.format("with x as (select 1) delete from clips")), tmp_path)


def test_a_folder_with_sounds_beside_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a.wav").write_bytes(WAV)
    (tmp_path / "outside.wav").write_bytes(WAV)
    (kept / "1.json").write_text('{"wav": "a.wav"}')
    (kept / "2.json").write_text('{"wav": "../outside.wav"}')
    (kept / "3.json").write_text("{")
    (kept / "4.json").symlink_to(tmp_path / "target.yaml")
    read = read_kept(target(tmp_path, "  kind: folder\n  path: kept\n  audio: {file: wav}"), tmp_path)
    assert [clip.audio for clip in read.clips] == [WAV, None]
    assert len(read.notes) == 3


def test_a_record_is_searched_without_its_sound(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for number, text in enumerate(
        (base64.b64encode(WAV).decode(), "data:audio/wav;base64," + base64.b64encode(WAV).decode())
    ):
        (tmp_path / "kept" / f"{number}.json").write_text(json.dumps({"a": [{"b": text}], "c": 1}))
    read = read_kept(target(tmp_path, "  kind: folder\n  path: kept\n  audio: {base64: a.0.b}"), tmp_path)
    assert [clip.audio for clip in read.clips] == [WAV, WAV]
    assert [json.loads(clip.record) for clip in read.clips] == [{"a": [{"b": None}], "c": 1}] * 2


def test_nothing_to_read_back_is_no_error(tmp_path: Path) -> None:
    assert read_kept(target(tmp_path, "  kind: none"), tmp_path) == Read(clips=())
    assert set(READERS) == {"folder", "s3", "sql", "http", "none"}


@pytest.mark.parametrize(
    ("kept", "join", "says"),
    [
        ("  kind: foldr\n  path: x", "count", "kept"),
        ("  kind: folder\n  path: x\n  pth: y", "count", "pth: unknown key; did you mean path?"),
        ("  kind: folder\n  path: x", "exact", "wants kept.session"),
        ("  kind: folder\n  path: x", "sound", "wants kept.audio"),
        ("  kind: folder\n  path: x", "phrase", "wants kept.text"),
        ("  kind: none", "exact", "allowed: count"),
        ("  kind: folder\n  path: x\n  audio: {url: u}", "count", "allowed: file, base64"),
        ("  kind: http\n  list: http://me:secret@host/x", "count", "kept.list"),
        ("  kind: sql\n  url: postgresql://me:secret@host/x\n  query: select 1", "count", "may not stand here"),
        ("  kind: sql\n  url: sqlite:///x\n  query: delete from x", "count", "kept.query"),
    ],
)
def test_what_is_wrong_in_a_target_file_is_said_by_line_and_key(
    tmp_path: Path, kept: str, join: str, says: str
) -> None:
    with pytest.raises(BadFile) as caught:
        target(tmp_path, kept, join)
    assert says in str(caught.value)
    assert "target.yaml:" in str(caught.value)
    assert "secret" not in str(caught.value)


@given(data=JSON, path=st.text(min_size=1, max_size=6))
def test_a_path_into_any_record_finds_something_or_nothing(data: Any, path: str) -> None:
    found = at(data, path)
    if found is not MISSING and isinstance(data, Mapping):
        assert at(without(data, path), path) is None


@given(data=st.binary(max_size=200), form=st.sampled_from(["wav", "raw"]), rate=st.sampled_from([8_000, 44_100]))
def test_any_bytes_are_a_sound_or_none(data: bytes, form: Any, rate: int) -> None:
    for each in (data, WAV[:44] + data, WAV[: len(data)] + data):
        made = samples_of(each, Audio(file="x", format=form, rate_hz=rate))
        assert made is None or made.dtype == np.int16


def test_other_rates_widths_and_channels_are_made_alike() -> None:
    import io
    import wave

    tone = np.sin(np.arange(48_000) / 48_000 * 2 * np.pi * 200)
    for rate, width, channels in ((48_000, 2, 2), (44_100, 3, 1), (8_000, 1, 1), (16_000, 4, 2)):
        wanted = tone[:: 48_000 // rate] if 48_000 % rate == 0 else np.sin(np.arange(rate) / rate * 2 * np.pi * 200)
        whole = np.rint(wanted * (1 << (8 * width - 2))).astype(np.int64) + (128 if width == 1 else 0)
        frames = b"".join(int(v).to_bytes(width, "little", signed=width > 1) * channels for v in whole)
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setparams((channels, width, rate, 0, "NONE", ""))
            out.writeframes(frames)
        made = samples_of(file.getvalue(), Audio(file="x"))
        assert made is not None
        assert abs(len(made) - 16_000) <= 1
        assert 14_000 < np.abs(made[1_000:-1_000]).max() < 18_500


def test_a_folder_of_sound_files_alone_is_read_and_told_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "s-1.wav").write_bytes(WAV)
    (tmp_path / "kept" / "notes.txt").write_bytes(b"no sound")
    kept = '  kind: folder\n  path: kept\n  records: "*.wav"\n  session: stem\n  audio: {whole: true}'
    (clip,) = read_kept(target(tmp_path, kept, "exact"), tmp_path).clips
    assert (clip.session, clip.audio) == ("s-1", WAV)
    assert json.loads(clip.record) == {"name": "s-1.wav", "stem": "s-1"}


def test_only_a_folder_has_sound_files_alone(tmp_path: Path) -> None:
    sql = "  kind: sql\n  url: sqlite:///a.db\n  query: select 1\n  audio: {whole: true}"
    with pytest.raises(BadFile, match="a sql has no such; allowed: base64, bytes"):
        target(tmp_path, sql, "sound")
