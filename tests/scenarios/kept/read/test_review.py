"""A review app, looked at as a user: what it shows is searched, what it refuses is said, nothing is deleted."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.files import BadFile
from scenarios.kept.judged import detector_of
from scenarios.kept.read import review as review_module
from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.review import Page, look, pages_of, template
from scenarios.kept.searched import shown
from scenarios.model.targets.target_file import Attached, load_target_file
from simulator.world.households import make_identities

PEOPLE = make_identities(seed=2, households=2)
SERIAL = PEOPLE.households[0].devices[0].serial or ""
START = (
    b'<a href="/clips/17">one</a> <a href="/clips/18">two</a> <a href="/logout">out</a>'
    b'<a href="/clips/17/delete">x</a>'
    b'<a href="http://127.0.0.2:9/elsewhere">away</a> <a href="/gone%1b%5b31m">gone</a>'
)
PAGES = {
    "/": (200, START),
    "/clips/17": (200, b"<p>nothing</p>"),
    "/clips/18": (200, f"<p title='{SERIAL}'>a clip</p>".encode()),
    "/hidden": (200, b"hidden"),
    "/clips/none": (404, f"no such clip; ask the owner of {SERIAL}".encode()),
    "/openapi.json": (200, b'{"paths": {"/hidden": {"get": {}}, "/clips/{id}": {"get": {}}, "/purge": {"get": {}}}}'),
}


@pytest.fixture
def app() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class App(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(303 if sent == b"username=qa&password=right" else 401)
            if sent == b"username=qa&password=right":
                self.send_header("Set-Cookie", "sid=1; Path=/")
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = PAGES.get(self.path, (404, b""))
            if self.headers.get("Cookie") != "sid=1":
                status, body = 401, b""
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def target(folder: Path, address: str, monkeypatch: Any, password: str = "right") -> Attached:  # noqa: S107
    monkeypatch.setenv("QA_PASSWORD", password)
    login = f"{{url: {address}/login, how: form, user: qa, password: {{env: QA_PASSWORD}}}}"
    path = folder / "target.yaml"
    path.write_text(
        "target: 1\nkind: attached\nname: mine\nkept: {kind: none}\njoin: count\nreview:\n"
        f"  url: {address}\n  openapi: /openapi.json\n  login: {login}\n"
    )
    found = load_target_file(path)
    assert isinstance(found, Attached)
    return found


def test_pages_are_found_and_searched_and_nothing_is_ended(
    tmp_path: Path, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = app
    looked = look(target(tmp_path, address, monkeypatch).review, tmp_path)
    pages, unseen = looked.pages, looked.unseen
    assert sorted({page.route for page in pages if page.status == 200}) == ["/", "/clips/{id}", "/hidden"]
    assert not {"/logout", "/clips/17/delete", "/purge"} & set(asked)
    assert unseen == ("GET /{id} answered 404",)
    rows = shown(pages, "reviewer", detector_of(PEOPLE))
    (found,) = [finding for row in rows for finding in row.findings]
    assert (found.field, found.where.name) == ("devices.serial", "reviewer GET /clips/{id}")


def test_a_page_of_an_error_is_searched_and_its_status_is_no_gap(
    tmp_path: Path, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = app
    found = target(tmp_path, address, monkeypatch)
    assert found.review is not None
    review = found.review.model_copy(update={"openapi": None, "crawl": 0, "routes": ("/clips/17",)})
    as_error = look(review.model_copy(update={"errors": ("/clips/none",)}), tmp_path)
    assert as_error.unseen == ()
    rows = shown(as_error.pages, "reviewer", detector_of(PEOPLE))
    assert [each.field for row in rows for each in row.findings] == ["devices.serial"]
    as_route = look(review.model_copy(update={"routes": ("/clips/none",)}), tmp_path)
    assert as_route.unseen == ("GET /clips/none answered 404",)
    nobody = look(review.model_copy(update={"login": None, "errors": ("/clips/none",)}), tmp_path)
    assert "GET /clips/none answered 401" in nobody.unseen


def test_who_is_not_let_in_sees_nothing_and_that_is_said(
    tmp_path: Path, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = app
    wrong = target(tmp_path, address, monkeypatch, password="wrong")
    assert wrong.review is not None
    with pytest.raises(Unreadable, match="the login answered 401"):
        list(pages_of(wrong.review, tmp_path))
    looked = look(wrong.review, tmp_path)
    pages, unseen = looked.pages, looked.unseen
    sent = "username and password were sent as form: user_field, password_field, how"
    assert (pages, unseen) == ((), (f"the review app: the login answered 401 ({sent})",))


def test_a_refused_page_is_no_page_that_was_clean(tmp_path: Path, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, _ = app
    found = target(tmp_path, address, monkeypatch)
    assert found.review is not None
    without = found.review.model_copy(update={"login": None, "openapi": None})
    seen = list(pages_of(without, tmp_path))
    assert [each for each in seen if isinstance(each, str)] == ["GET / answered 401"]
    assert [each.status for each in seen if isinstance(each, Page)] == [401]


def test_a_recording_of_a_browser_adds_what_it_asked_of_this_host(
    tmp_path: Path, app: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = app
    entries = [
        {"request": {"method": method, "url": url}}
        for method, url in (
            ("GET", f"{address}/hidden?page=2"),
            ("POST", f"{address}/posted"),
            ("GET", f"{address}/clips/17/delete"),
            ("GET", "http://127.0.0.2:9/elsewhere"),
        )
    ]
    (tmp_path / "session.har").write_text(json.dumps({"log": {"entries": entries}}))
    review = target(tmp_path, address, monkeypatch).review
    assert review is not None
    look(review.model_copy(update={"har": "session.har", "crawl": 0, "openapi": None}), tmp_path)
    assert set(asked) == {*review.routes, "/hidden?page=2"}
    (tmp_path / "session.har").write_text("{}")
    with pytest.raises(BadFile, match="no HAR file"):
        look(review.model_copy(update={"har": "session.har"}), tmp_path)


def test_a_description_that_lies_leads_nowhere_else_and_is_bounded(
    tmp_path: Path, app: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = app
    lies: dict[str, object] = {
        "//127.0.0.2:9/x": {"get": {}},
        "http://127.0.0.2:9/y": {"get": {}},
        "/\x1b[31m<script>": {"get": {}},
        "/numbers": 7,
        "http://[broken": {"get": {}},
    }
    lies |= {f"/many{number}": {"get": {}} for number in range(50)}
    monkeypatch.setitem(PAGES, "/openapi.json", (200, json.dumps({"paths": lies}).encode()))
    monkeypatch.setattr(review_module, "MOST_PAGES", 20)
    looked = look(target(tmp_path, address, monkeypatch).review, tmp_path)
    pages, unseen = looked.pages, looked.unseen
    assert "there are more pages than are looked at" in unseen
    assert len(asked) <= 22
    assert not any("\x1b" in said or "<script>" in said for said in (*unseen, *(page.route for page in pages)))
    assert sum("is on a host that the target file does not name" in said for said in unseen) >= 1


def test_a_redirect_to_elsewhere_is_not_followed(
    tmp_path: Path, app: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = app
    monkeypatch.setitem(PAGES, "/", (302, b'<a href="http://127.0.0.2:9/z">moved</a>'))
    pages = look(target(tmp_path, address, monkeypatch).review, tmp_path).pages
    assert {page.status for page in pages if page.route == "/"} == {302}


def test_the_pages_of_each_kept_clip_are_asked_for_by_its_own_id(
    tmp_path: Path, app: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = app
    monkeypatch.setitem(PAGES, "/clips/a%2Fb%3F", (200, b"odd"))
    review = target(tmp_path, address, monkeypatch).review
    assert review is not None
    only = review.model_copy(update={"routes": ("/hidden",), "clips": ("/clips/{id}",), "openapi": None})
    looked = look(only, tmp_path, {"kept-0001": "17", "kept-0002": "a/b?", "kept-0003": "99"})
    assert {page.clip: page.status for page in looked.pages} == {
        None: 200,
        "kept-0001": 200,
        "kept-0002": 200,
        "kept-0003": 404,
    }
    assert looked.unseen_of(1.0) == ("GET /clips/{id} answered 404",)
    assert looked.unseen_of(0.2) == (), "where people see a share alone, a clip may be outside it"
    assert looked.routes == {"/hidden", "/clips/{id}"}
    assert "/clips/a%2Fb%3F" in asked


def test_a_described_route_that_was_never_asked_is_told(
    tmp_path: Path, app: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = app
    monkeypatch.setitem(PAGES, "/", (200, b"no links"))
    review = target(tmp_path, address, monkeypatch).review
    assert review is not None
    assert look(review, tmp_path).never_asked == ("/clips/{id}",)
    told = review.model_copy(update={"clips": ("/clips/{id}",)})
    assert look(told, tmp_path, {"kept-0001": "18"}).never_asked == ()


@pytest.mark.parametrize(
    ("kept", "route", "says"),
    [
        ("{kind: folder, path: k, session: s}", "/clips/{id}", "wants kept.id"),
        ("{kind: folder, path: k, session: s, id: i}", "/clips", "wants {id}"),
    ],
)
def test_a_page_of_a_clip_wants_its_id(tmp_path: Path, kept: str, route: str, says: str) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(
        f"target: 1\nkind: attached\nname: mine\nkept: {kept}\nreview: {{url: 'http://h', clips: ['{route}']}}\n"
    )
    with pytest.raises(BadFile, match=says):
        load_target_file(path)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/recordings/17", "/v1/recordings/{id}"),
        ("/api/v12/users/v123", "/api/v12/users/{id}"),
        ("/clips/0a1b2c3d/sound.wav?x=1", "/clips/{id}/sound.wav"),
        ("/people/abcdefabcdef", "/people/{id}"),
        ("/555-0199/v2x", "/{id}/{id}"),
    ],
)
def test_a_version_is_part_of_a_route_and_what_may_name_somebody_is_not(path: str, named: str) -> None:
    assert template(httpx.URL(f"http://127.0.0.1{path}")) == named
