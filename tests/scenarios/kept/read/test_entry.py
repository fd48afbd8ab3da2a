"""Who is let in where: each answer is a yes, a no or open. No refusal is believed of a route that nobody sees."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from scenarios.kept.read.entry import NOBODY, Entry, entry
from scenarios.kept.read.review import Looked, Page
from scenarios.model.targets.review import Review

Answers = Mapping[tuple[str, str], tuple[int, bytes, str]]
OK = (200, b"<p>here</p>", "")


class App(BaseHTTPRequestHandler):
    """Answers by path and token; what it has no answer for is 404."""

    answers: ClassVar[Answers] = {}

    def do_GET(self) -> None:
        who = self.headers.get("Authorization", "")[7:]
        status, body, to = self.answers.get((who, self.path), (404, b"", ""))
        self.send_response(status)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("LEAD", "lead")
    monkeypatch.setenv("TRAINEE", "trainee")
    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def page(route: str, clip: str | None = None) -> Page:
    return Page(route=route, status=200, headers=b"", body=b"", whole=True, clip=clip)


def asked(url: str, answers: Answers, **more: object) -> Entry:
    App.answers = answers
    said = {
        "url": url,
        "login": {"bearer": {"env": "LEAD"}},
        "routes": ["/", "/staff"],
        "clips": ["/clips/{id}"],
        **more,
    }
    looked = Looked(pages=(page("/"), page("/staff"), page("/clips/{id}", "kept-0001")))
    return entry(Review.model_validate(said), Path(), looked, {"kept-0001": "7"})


def wrong(found: Entry) -> list[str]:
    return [f"{each.asked}: {each.got}" for each in found.probes if not each.held]


REFUSED: Answers = {("", "/"): (303, b"", "/login"), ("", "/staff"): (401, b"", ""), ("", "/clips/7"): (404, b"", "")}


def test_all_that_the_reader_saw_is_refused_without_a_login(url: str) -> None:
    found = asked(url, REFUSED)
    assert (len(found.probes), wrong(found), found.unsettled) == (3, [], ())


@pytest.mark.parametrize("path", ["/", "/staff", "/clips/7"])
def test_a_page_that_is_open_to_all_is_named(url: str, path: str) -> None:
    found = asked(url, {**REFUSED, ("", path): OK})
    assert wrong(found) == [f"{NOBODY} asks GET {path.replace('7', '{id}')}, must not: 200"]
    assert not wrong(asked(url, {**REFUSED, ("", path): OK}, public=[path.replace("7", "{id}")]))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((503, b"", ""), "503"),
        ((429, b"", ""), "429"),
        ((308, b"", "/staff/"), "308 to the same page"),
        ((200, b'<input type="password">', ""), "200 with a field for a password"),
    ],
)
def test_an_answer_that_settles_nothing_is_said(url: str, answer: tuple[int, bytes, str], says: str) -> None:
    found = asked(url, {**REFUSED, ("", "/staff"): answer})
    assert not wrong(found)
    assert [each for each in found.unsettled if f"GET /staff: {says}" in each]


def test_each_role_must_see_what_is_allowed_and_nothing_that_is_refused(url: str) -> None:
    trainee = {
        "role": "trainee",
        "login": {"bearer": {"env": "TRAINEE"}},
        "allowed": ["/", "/clips/{id}"],
        "refused": ["/staff", "/typo"],
    }
    fine: Answers = {
        **REFUSED,
        ("trainee", "/"): OK,
        ("trainee", "/clips/7"): OK,
        ("trainee", "/staff"): (403, b"", ""),
    }
    found = asked(url, fine, roles=[trainee])
    assert not wrong(found)
    assert found.unsettled == (
        "trainee asks GET /typo: 404, and no role is known to be let in: the route may not be there",
    )
    found = asked(url, {**fine, ("trainee", "/staff"): OK, ("trainee", "/"): (403, b"", "")}, roles=[trainee])
    assert wrong(found) == [
        "trainee asks GET /, must be let in: 403",
        "trainee asks GET /staff, must not: 200",
    ]


def test_a_server_that_breaks_on_what_is_allowed_settles_nothing(url: str) -> None:
    lead = {"role": "lead", "login": {"bearer": {"env": "LEAD"}}, "allowed": ["/staff"]}
    found = asked(url, {**REFUSED, ("lead", "/staff"): (503, b"", "")}, roles=[lead])
    assert not wrong(found)
    assert found.unsettled == ("lead asks GET /staff: 503",)
