"""Responses of several libraries are searched whole; what is no response is refused, never skipped."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import requests
from flask import Flask
from starlette.responses import PlainTextResponse

from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import MASKED, LeakDetector
from scenarios.verdict import Finding

HOME = control_household(3)
NAME, SERIAL, MAIL = HOME.members[0].name, HOME.devices[0].serial, HOME.members[0].emails[0]


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return sorted((finding.where.kind, finding.field) for finding in findings)


def test_text_and_bytes(detector: LeakDetector) -> None:
    for given in (f"for {NAME}", f"for {NAME}".encode(), bytearray(NAME.encode()), memoryview(NAME.encode())):
        assert kinds(detector.scan(given, name="export")) == [("text", "members.name")]
    (finding,) = detector.scan(NAME, name="export")
    assert finding.where.name == "export"


def test_httpx_with_its_history_headers_and_address(detector: LeakDetector) -> None:
    first = httpx.Response(302, headers={"location": f"/c?cb={MAIL}"}, request=httpx.Request("GET", "http://t.test/"))
    last = httpx.Response(
        200,
        headers=[("x-a", "1"), ("x-a", SERIAL)],
        text=NAME,
        history=[first],
        request=httpx.Request("GET", f"http://t.test/clips/{HOME.customer_id}"),
    )
    found = detector.scan(last)
    assert kinds(found) == [
        ("response_body", "members.name"),
        ("response_header", "devices.serial"),
        ("response_header", "members.emails"),
        ("url", "customer_id"),
    ]
    assert {f.where.name for f in found} == {"GET /", f"GET {MASKED}", "GET / [location]", f"GET {MASKED} [x-a]"} - {
        "GET /"
    }


def test_requests(detector: LeakDetector) -> None:
    response = requests.Response()
    response.status_code, response._content, response.headers["etag"] = 200, NAME.encode(), f'"{SERIAL}"'
    assert kinds(detector.scan(response)) == [("response_body", "members.name"), ("response_header", "devices.serial")]


def test_flask_and_starlette(detector: LeakDetector) -> None:
    app = Flask("t")
    app.route("/")(lambda: (NAME, 200, {"x-owner": SERIAL}))
    for response in (app.test_client().get("/"), PlainTextResponse(NAME, headers={"x-owner": SERIAL})):
        found = kinds(detector.scan(response))
        assert found == [("response_body", "members.name"), ("response_header", "devices.serial")]


def test_cookies_kept_apart_are_searched(detector: LeakDetector) -> None:
    morsel = SimpleNamespace(OutputString=lambda: f"who={MAIL}")

    class Jar(dict[str, Any]):
        output = None

    response = SimpleNamespace(status_code=200, headers={}, content=b"", cookies=Jar(who=morsel))
    assert kinds(detector.scan(response)) == [("response_header", "members.emails")]


@pytest.mark.parametrize("wrong", [None, 7, object(), SimpleNamespace(status_code=200, headers={}), {"a": 1}])
def test_what_is_no_response_is_refused(detector: LeakDetector, wrong: Any) -> None:
    with pytest.raises(TypeError, match="no response"):
        detector.scan(wrong)


def test_an_unread_stream_is_refused(detector: LeakDetector) -> None:
    unread = httpx.Response(200, stream=httpx.ByteStream(b"x"))
    with pytest.raises(httpx.ResponseNotRead):
        detector.scan(unread)
