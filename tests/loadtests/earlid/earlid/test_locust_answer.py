"""Answers of Locust's clients become exchanges: every line, every hop, and a reason where a body is missing."""

from types import SimpleNamespace
from typing import Any

from earlid.exchange import Exchange
from earlid.locust_answer import exchange_of


def _response(**values: Any) -> SimpleNamespace:
    given = {"status_code": 200, "reason": "OK", "headers": {"ETag": "1"}, "content": b"body", "history": []}
    return SimpleNamespace(**(given | values))


def _exchange(response: Any, url: str = "http://h/x") -> Exchange:
    return exchange_of(response, method="GET", name="/x", url=url, ms=1.0, context={}, control={})


def test_status_headers_url_and_body_are_there() -> None:
    exchange = _exchange(_response())
    assert exchange.urls == ["http://h/x"]
    assert exchange.head == [("status_line", "200 OK"), ("header", "ETag: 1")]
    assert exchange.bodies == [("response_body", b"body")]
    assert exchange.unsearched == ""


def test_redirects_and_the_final_address_are_there() -> None:
    hop = _response(status_code=302, headers={"Location": "/y"}, _content=b"moved")
    exchange = _exchange(_response(history=[hop], request=SimpleNamespace(url="http://h/y")))
    assert ("header", "Location: /y") in exchange.head
    assert ("redirect_body", b"moved") in exchange.bodies
    assert exchange.urls == ["http://h/x", "http://h/y"]


def test_a_streamed_or_undecodable_body_is_said() -> None:
    assert _exchange(_response(_content_consumed=False)).unsearched == "streamed"

    class Undecodable(SimpleNamespace):
        @property
        def content(self) -> bytes:
            raise ValueError("of an unknown kind")

    assert _exchange(Undecodable(status_code=200, reason="OK", headers={})).unsearched == "ValueError"


def test_no_answer_has_no_status() -> None:
    assert _exchange(_response(status_code=0)).status == 0


def test_text_of_a_custom_client_is_a_body() -> None:
    assert _exchange("said").bodies == (("response_body", b"said"),)
