"""Answers of any client are read whole, in the order they came, or not at all."""

from http.cookies import SimpleCookie
from types import SimpleNamespace

import httpx
import pytest
from earlid.testing.answers import answers_of, is_text, raw


def test_redirects_come_before_the_answer_they_led_to() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/old":
            return httpx.Response(302, headers={"location": "/new"}, text="moved")
        return httpx.Response(200, headers=[("x-a", "1"), ("x-a", "2")], text="here")

    with httpx.Client(transport=httpx.MockTransport(serve), follow_redirects=True) as client:
        first, last = answers_of(client.get("http://h/old"))
    assert (first.status, first.url, first.body) == (302, "http://h/old", b"moved")
    assert (last.status, last.method, last.url, last.body) == (200, "GET", "http://h/new", b"here")
    assert [pair for pair in last.headers if pair[0] == "x-a"] == [("x-a", "1"), ("x-a", "2")]


def test_cookies_that_a_framework_keeps_apart_are_headers() -> None:
    answer = SimpleNamespace(status_code=200, headers={}, content=b"", cookies=SimpleCookie("sid=ada"))
    assert answers_of(answer)[0].headers == [("set-cookie", "sid=ada")]


@pytest.mark.parametrize("response", [None, 5, {"status_code": 200}, SimpleNamespace(status_code=200, headers={})])
def test_what_is_no_answer_is_refused(response: object) -> None:
    with pytest.raises(TypeError, match="no response"):
        answers_of(response)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ü", b"\xfc"), ("Ж", "Ж".encode()), ("\ud800", b"?"), (bytearray(b"a"), b"a"), (memoryview(b"b"), b"b")],
)
def test_text_becomes_bytes(text: str | bytearray | memoryview, expected: bytes) -> None:
    assert is_text(text)
    assert raw(text) == expected
