"""A scan of a site with a login: what only a user sees is searched, a refusal is unknown, credentials stay home."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from gateway.files import BadFile
from scenarios.commands.scan import scan
from scenarios.commands.scanning.asked import Asked
from scenarios.commands.scanning.login import sign_in_of
from scenarios.verdict import Outcome
from simulator.world.households import make_identities

PEOPLE = make_identities(seed=2, households=2)
SERIAL = PEOPLE.households[0].devices[0].serial or ""
PASSWORD = "right-6631"
FORM = "url: URL/login\nhow: form\nuser: qa\npassword: {env: SITE_PASSWORD}\n"
WAYS = {
    "form": FORM,
    "basic": "user: qa\npassword: {env: SITE_PASSWORD}\n",
    "bearer": "bearer: {file: token}\n",
}


class App(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(303 if said.endswith(PASSWORD) else 401, b"", ("Set-Cookie", "sid=1"))

    def do_GET(self) -> None:
        self.asked.append(self.path)
        who = (self.headers.get("Cookie"), self.headers.get("Authorization"))
        inside = who[0] == "sid=1" or who[1] in ("Basic cWE6cmlnaHQtNjYzMQ==", "Bearer right-6631")
        page = f"<a href='/logout'>out</a><a href='/clips/1'>{SERIAL}</a>".encode()
        self.answer(200 if inside else 401, page if inside else b"")

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    App.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "ids.json").write_bytes(PEOPLE.to_json())
    (tmp_path / "token").write_text(PASSWORD)
    (tmp_path / "token").chmod(0o600)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def scanned(folder: Path, url: str, way: str | None) -> Outcome:
    login = None if way is None else folder / "login.yaml"
    if login is not None:
        login.write_text(WAYS[way or ""].replace("URL", url))
    return scan(folder / "ids.json", [url], Asked(login=login, jobs=1))


@pytest.mark.parametrize("way", WAYS)
def test_what_only_a_user_sees_is_searched_and_nobody_is_signed_out(
    tmp_path: Path, url: str, way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", PASSWORD)
    assert scanned(tmp_path, url, way) is Outcome.FAIL
    told = "".join(capsys.readouterr())
    assert "devices.serial" in told
    assert "not followed" in told
    assert "/logout" not in App.asked
    assert PASSWORD not in told


def test_without_a_login_and_with_a_wrong_one_it_is_unknown_with_the_status(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "wrong-7712")
    assert scanned(tmp_path, url, None) is Outcome.UNKNOWN
    assert scanned(tmp_path, url, "form") is Outcome.UNKNOWN
    assert scanned(tmp_path, url, "basic") is Outcome.UNKNOWN
    told = "".join(capsys.readouterr())
    assert "the login answered 401" in told
    assert "wrong-7712" not in told


def test_a_credential_goes_to_one_site_alone(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PASSWORD", PASSWORD)
    path = tmp_path / "login.yaml"
    path.write_text(FORM.replace("URL", "http://127.0.0.2:9"))
    with pytest.raises(BadFile, match="on a host that the target file does not name"):
        scan(tmp_path / "ids.json", [url], Asked(login=path, jobs=1))
    for targets in ([], [url, url + "/other"]):
        with pytest.raises(BadFile, match="sites are to be searched; allowed: one"):
            sign_in_of(path, targets)
