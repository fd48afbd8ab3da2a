"""Each recipe of being let in, at an app that wants it; and what a hostile one gets out of it: a line, no secret."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from gateway.files import BadFile
from scenarios.kept.read import client as http_client
from scenarios.kept.read.client import Answer, Client
from scenarios.kept.read.clip import Unreadable
from scenarios.model.targets.login import Login

PASSWORD = "hush-4417"
FORM = b'<form method=post><input type="hidden" name="csrf" value="t0ken"><input name="user"></form>'
BASIC = "Basic " + base64.b64encode(f"qa:{PASSWORD}".encode()).decode()


class App(BaseHTTPRequestHandler):
    """Every kind of login, and what a hostile one does."""

    polls = 0

    def do_GET(self) -> None:
        if self.path == "/form":
            self.say(200, FORM, {"Set-Cookie": "csrf=t0ken"})
            return
        shown = self.headers.get("Authorization", "")
        cookies = self.headers.get("Cookie", "")
        inside = (
            shown in ("Bearer yes", "Token yes", BASIC) or "sid=in" in cookies or self.headers.get("X-Key") == "yes"
        )
        self.say(200 if inside else 401, b"in" if inside else b"out")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if self.path == "/json":
            right = json.loads(body) == {"username": "qa", "password": PASSWORD}
            self.say(200 if right else 401, b'{"auth": {"token": "yes"}}' if right else b"{}")
        elif self.path == "/form":
            right = said == {"csrf": "t0ken", "username": "qa", "password": PASSWORD}
            self.say(302 if right else 403, b"", {"Set-Cookie": "sid=in", "Location": "/"} if right else {})
        elif self.path == "/device":
            self.say(
                200,
                b'{"device_code": "d", "user_code": "AB-12\\u001b[31m", '
                b'"verification_uri": "http://x/\\u0007", "interval": 0}',
            )
        elif self.path == "/token":
            App.polls += 1
            waits = App.polls < 3
            self.say(
                400 if waits else 200, b'{"error": "authorization_pending"}' if waits else b'{"access_token": "yes"}'
            )
        elif self.path == "/endless":
            self.say(200, b"x" * (2 * 1024 * 1024))
        else:
            self.say(302, b"", {"Location": "http://127.0.0.2:9/"})

    def say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
        pass


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HUSH", PASSWORD)
    monkeypatch.setenv("TOKEN", "yes")
    App.polls = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def status(host: str, login: dict[str, object], beside: Path) -> int:
    client = Client({host}, Login.model_validate(login), beside)
    try:
        answer = client.get(f"http://{host}/")
    finally:
        client.close()
    assert isinstance(answer, Answer)
    return answer.status


def recipes(host: str) -> dict[str, dict[str, object]]:
    who: dict[str, object] = {"user": "qa", "password": {"env": "HUSH"}}
    return {
        "bearer": {"bearer": {"env": "TOKEN"}},
        "another word": {"bearer": {"env": "TOKEN"}, "scheme": "Token"},
        "basic": who,
        "json": {**who, "url": f"http://{host}/json", "token": "auth.token"},
        "form": {**who, "url": f"http://{host}/form", "how": "form", "hidden": True},
        "cookies": {"cookies": "cookies.txt"},
        "oidc": {"oidc": {"device": f"http://{host}/device", "token": f"http://{host}/token", "client_id": "me"}},
        "python": {"python": "mine.headers"},
    }


@pytest.mark.parametrize("name", ["bearer", "another word", "basic", "json", "form", "cookies", "oidc", "python"])
def test_each_recipe_is_let_in(app: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tin\n")
    jar.chmod(0o600)
    (tmp_path / "mine.py").write_text("def headers():\n    return {'X-Key': 'yes'}\n")
    assert status(app, recipes(app)[name], tmp_path) == 200
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert ("confirm at http://x/? with the code AB-12?[31m" in said) is (name == "oidc")


@pytest.mark.parametrize(
    ("login", "error", "says"),
    [
        (
            {"user": "qa", "password": {"env": "TOKEN"}, "url": "http://HOST/json", "token": "a"},
            Unreadable,
            "answered 401",
        ),
        ({"user": "qa", "password": {"env": "HUSH"}, "url": "http://HOST/endless", "token": "a"}, Unreadable, "no end"),
        (
            {"user": "qa", "password": {"env": "HUSH"}, "url": "http://HOST/other", "how": "form"},
            Unreadable,
            "no cookie",
        ),
        ({"user": "qa", "password": {"env": "HUSH"}, "url": "http://127.0.0.3:9/x"}, BadFile, "does not name"),
        (
            {"oidc": {"device": "http://HOST/device", "token": "http://127.0.0.3:9/t", "client_id": "m"}},
            BadFile,
            "oidc",
        ),
        ({"cookies": "open.txt"}, BadFile, "others may read"),
        ({"cookies": "none.txt"}, BadFile, "not a cookies.txt"),
        ({"python": "mine.broken"}, Unreadable, "raises RuntimeError"),
        ({"python": "mine.number"}, Unreadable, "no headers"),
        ({"python": "mine.nothing"}, BadFile, "has no nothing"),
    ],
)
def test_a_login_that_fails_is_one_line_without_the_secret(
    app: str, login: dict[str, object], error: type[Exception], says: str, tmp_path: Path
) -> None:
    (tmp_path / "open.txt").write_text("# Netscape HTTP Cookie File\n")
    (tmp_path / "open.txt").chmod(0o644)
    (tmp_path / "none.txt").write_text("nothing")
    (tmp_path / "none.txt").chmod(0o600)
    (tmp_path / "mine.py").write_text(
        f"def broken():\n    raise RuntimeError('{PASSWORD}')\ndef number():\n    return 7\n"
    )
    filled = json.loads(json.dumps(login).replace("HOST", app))
    with pytest.raises(error, match=says) as caught:
        status(app, filled, tmp_path)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_answer_that_only_trickles_has_an_end(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_S", -1.0)
    answer = Client({app}, None, Path()).get(f"http://{app}/form")
    assert isinstance(answer, Answer)
    assert not answer.whole
