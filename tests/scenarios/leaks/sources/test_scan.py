import base64
import gzip
import io
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import MASKED
from scenarios.leaks.sources import raw
from scenarios.leaks.sources.network import site as site_module
from scenarios.leaks.sources.scan import scan_targets

HOME = control_household(3)
NAME = HOME.members[0].name


@pytest.fixture
def identities(tmp_path: Path, known: Identities) -> Path:
    path = tmp_path / "ids" / "identities.json"
    path.parent.mkdir()
    path.write_bytes(known.to_json())
    return path


@pytest.fixture
def site() -> Iterator[str]:
    pages = {
        "/": (
            "text/html",
            b'<a href="/a?x=1#top">a</a> <a href="http://example.org/">away</a> <img src="mailto:x">',
        ),
        "/a?x=1": ("text/html", b'<a href="/deep.json">deep</a><a href="/moved">m</a><a href="/broken">b</a>'),
        "/deep.json": ("application/json", json.dumps({"serial": HOME.devices[0].serial}).encode()),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "http://example.org/elsewhere")
                self.send_header("X-Owner", HOME.customer_id)
                self.end_headers()
                return
            if self.path not in pages:
                self.connection.close()
                return
            kind, body = pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: str) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_folder_is_searched_to_its_leaves(tmp_path: Path, identities: Path) -> None:
    folder = tmp_path / "logs" / "deep"
    folder.mkdir(parents=True)
    (folder / "clean.log").write_text("nothing here")
    (folder / "old.log.gz").write_bytes(gzip.compress(f"opened the door for {NAME}".encode()))
    told: list[Any] = []
    result = scan_targets(identities, [str(tmp_path / "logs")], progress=told.append)
    assert [(f.where.kind, f.field, f.how) for f in result.findings] == [("file", "members.name", ("gzip", "exact"))]
    assert (result.files, len(told)) == (2, 2)
    assert result.notes == ()


def test_a_file_name_leaks_too_and_is_masked(tmp_path: Path, identities: Path) -> None:
    (tmp_path / f"{NAME}.wav").write_bytes(b"")
    told: list[Any] = []
    result = scan_targets(identities, [str(tmp_path / f"{NAME}.wav")], progress=told.append)
    (finding,) = result.findings
    assert (finding.where.kind, finding.where.name) == ("file_name", MASKED)
    assert told == [MASKED]


def test_what_cannot_be_searched_is_noted(tmp_path: Path, identities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "big").write_bytes(b"x" * 101)
    (folder / "archive").write_bytes(gzip.compress(b"x" * 9_000_000))
    (folder / "link").symlink_to(identities)
    (folder / "ids.json").hardlink_to(identities)
    os.mkfifo(folder / "pipe")
    result = scan_targets(identities, [str(folder)])
    assert sorted((each.kind, each.why) for each in result.unread) == [
        ("identities", "left out"),
        ("link", "not followed"),
        ("pipe", "no regular file"),
    ]
    assert result.files == 2


def test_a_large_file_is_searched_to_its_end(tmp_path: Path, identities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "PIECE", 100_000)
    text = b"x " * 49_995 + NAME.encode() + b" y" * 200_000 + HOME.devices[0].serial.encode()
    (tmp_path / "big").write_bytes(text)
    result = scan_targets(identities, [str(tmp_path / "big")])
    assert sorted(finding.field for finding in result.findings) == ["devices.serial", "members.name"]
    assert (result.files, result.bytes, result.notes) == (1, len(text) + len(str(tmp_path / "big")), ())


def test_a_large_archive_is_read_to_its_end(tmp_path: Path, identities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "PIECE", 10_000)
    monkeypatch.setattr(raw, "OVERLAP", 100)
    (tmp_path / "big.gz").write_bytes(gzip.compress(b"lamp on " * 20_000 + NAME.encode()))
    result = scan_targets(identities, [str(tmp_path / "big.gz")])
    assert [(f.field, f.how) for f in result.findings] == [("members.name", ("gzip", "exact"))]
    assert result.notes == ()


def test_a_site_is_followed_on_its_own_origin(identities: Path, site: str) -> None:
    result = scan_targets(identities, [site])
    assert sorted((f.where.kind, f.field) for f in result.findings) == [
        ("response_body", "devices.serial"),
        ("response_header", "customer_id"),
    ]
    assert result.files == 4
    assert any("another origin" in note for note in result.notes)
    assert any("/broken: response, unreadable" in note for note in result.notes)


def test_links_beyond_the_bound_are_noted(identities: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_module, "MAX_DEPTH", 1)
    result = scan_targets(identities, [site])
    assert result.files == 2
    assert sum("too many links away" in note for note in result.notes) == 3


@pytest.mark.parametrize("target", ["no/such/file", "http://127.0.0.1:9/", "http://[::bad/"])
def test_a_bad_target_is_one_line(identities: Path, target: str) -> None:
    with pytest.raises(BadFile) as error:
        scan_targets(identities, [target])
    assert "\n" not in str(error.value)
    assert target in str(error.value)


def test_a_bad_identities_file_is_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "ids.json"
    bad.write_text('{"schema": 1, "households": [{"household_id": "H", "colour": "blue"}]}')
    with pytest.raises(BadFile, match=r"households\.0\.colour: unknown key"):
        scan_targets(bad, [str(tmp_path)])


def test_a_har_file_is_searched_response_by_response(tmp_path: Path, identities: Path) -> None:
    entry = {
        "request": {"method": "GET", "url": f"http://h/customers/{HOME.customer_id}"},
        "response": {
            "status": 200,
            "headers": [{"name": "ETag", "value": HOME.devices[0].serial}],
            "content": {"encoding": "base64", "text": base64.b64encode(f"<p>{NAME}</p>".encode()).decode()},
        },
    }
    file = tmp_path / "session.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}))
    result = scan_targets(identities, [str(file)])
    found = {(f.where.kind, f.field) for f in result.findings if f.where.name.endswith(f"GET {MASKED}")}
    assert found == {("url", "customer_id"), ("response_header", "devices.serial"), ("response_body", "members.name")}
    file.write_text('{"log": {"entries": [1]}}')
    assert any("not made like a HAR file" in note for note in scan_targets(identities, [str(file)]).notes)


def test_a_database_is_searched_by_its_rows(tmp_path: Path, identities: Path) -> None:
    file = tmp_path / "clips.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE clips (lat REAL, lon REAL)")
        db.execute("INSERT INTO clips VALUES (?, ?)", (HOME.home.latitude, HOME.home.longitude))
        db.commit()
    assert {f.field for f in scan_targets(identities, [str(file)]).findings} == {"home.latitude"}


def test_standard_input_is_searched_across_its_pieces(identities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "PIECE", 1_000)
    monkeypatch.setattr(raw, "OVERLAP", 100)
    data = b" " * 990 + f" {NAME} ".encode() + b" " * 2_000
    result = scan_targets(identities, ["-"], stdin=io.BytesIO(data))
    assert {f.field for f in result.findings} == {"members.name"}
    assert scan_targets(identities, ["-"], stdin=io.BytesIO(b" ")).findings == ()
