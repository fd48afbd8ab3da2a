"""Answers of `http.client`, `urllib` and `urllib3` are handed over whole, and the caller gets what he would get."""

import gzip
import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from earlid.copies.connections import is_known
from earlid.copies.standard import watch_standard
from earlid.exchange import Exchange
from earlid.locust_handover import Answers

LONG = b"".join(b"%06d " % at for at in range(20_000))


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/moved":
            return self._whole(302, b"it moved", "Location", "/page")
        if self.path == "/missing":
            return self._whole(404, b"no such page")
        if self.path == "/packed":
            return self._whole(200, gzip.compress(b"in a packet"), "Content-Encoding", "gzip")
        if self.path == "/cut":
            self._whole(200, b"only half", length=90)
            return self.wfile.close()
        if self.path == "/chunked":
            return self._chunked()
        return self._whole(200, b"a page")

    def _whole(self, status: int, body: bytes, *header: str, length: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        if header:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def _chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with suppress(OSError):  # one test reads nothing
            for at in range(0, len(LONG), 9_999):
                piece = LONG[at : at + 9_999]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """What the search process would get. The methods that are replaced come back after the test."""
    for kind, name in (
        *((http.client.HTTPConnection, name) for name in ("putrequest", "connect", "send", "getresponse")),
        (http.client.HTTPSConnection, "connect"),
        (urllib3.connection.HTTPConnection, "connect"),
        (urllib3.connection.HTTPSConnection, "connect"),
    ):
        monkeypatch.setattr(kind, name, getattr(kind, name))
    sent: list[Exchange] = []
    answers = Answers(SimpleNamespace(send=sent.append))  # type: ignore[arg-type]
    watch_standard(lambda answer, method, asked: answers.on_beside(answer, method, asked, {}))
    return sent


def _bodies(handed: list[Exchange]) -> list[bytes]:
    return [data for exchange in handed for _kind, data in exchange.bodies if data]


def _by_urllib(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:  # noqa: S310 (of this test)
        return bytes(response.read())


def _by_urllib3(url: str) -> bytes:
    return bytes(urllib3.PoolManager().request("GET", url).data)


def _by_http_client(url: str) -> bytes:
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(host)) as connection:
        connection.request("GET", f"/{path}")
        return connection.getresponse().read()


CLIENTS = [_by_urllib, _by_urllib3, _by_http_client]


@pytest.mark.parametrize("get", CLIENTS)
def test_a_page_is_handed_over_once_and_read_as_ever(get: Any, url: str, handed: list[Exchange]) -> None:
    assert get(f"{url}/page?n=1") == b"a page"
    (exchange,) = handed
    assert (exchange.method, exchange.name, exchange.status) == ("GET", "/page", 200)
    assert exchange.urls == [f"{url}/page?n=1"]
    assert ("header", "Content-Length: 6") in exchange.head
    assert exchange.bodies == [("response_body", b"a page")]
    assert not exchange.unsearched


@pytest.mark.parametrize("get", CLIENTS)
def test_its_connection_is_known(get: Any, url: str, handed: list[Exchange], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    connect = socket.socket.connect

    def noting(self: socket.socket, address: Any) -> None:
        seen.append(is_known())
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    assert get(f"{url}/page") == b"a page"
    assert seen == [True]


@pytest.mark.parametrize("get", CLIENTS)
def test_a_body_without_a_length_is_copied_while_it_is_read(get: Any, url: str, handed: list[Exchange]) -> None:
    assert get(f"{url}/chunked") == LONG
    assert _bodies(handed) == [LONG]
    assert [exchange.unsearched for exchange in handed] == ["", ""]


@pytest.mark.parametrize("get", [_by_urllib, _by_urllib3])
def test_a_redirects_body_is_handed_over(get: Any, url: str, handed: list[Exchange]) -> None:
    assert get(f"{url}/moved") == b"a page"
    assert _bodies(handed) == [b"it moved", b"a page"]


def test_an_error_page_that_nobody_reads_is_handed_over(url: str, handed: list[Exchange]) -> None:
    with pytest.raises(urllib.error.HTTPError):
        _by_urllib(f"{url}/missing")
    assert _bodies(handed) == [b"no such page"]


def test_a_packed_body_is_unpacked_for_the_search(url: str, handed: list[Exchange]) -> None:
    assert gzip.decompress(_by_http_client(f"{url}/packed")) == b"in a packet"
    assert _bodies(handed) == [b"in a packet"]


def test_a_body_that_breaks_off_is_said(url: str, handed: list[Exchange]) -> None:
    with pytest.raises(http.client.IncompleteRead):
        _by_http_client(f"{url}/cut")
    assert (handed[0].unsearched, _bodies(handed)) == ("broke off (IncompleteRead)", [b"only half"])


@pytest.mark.parametrize("size", [1, 1_000, 65_536])
def test_lines_and_pieces_are_copied_once(size: int, url: str, handed: list[Exchange]) -> None:
    with urllib.request.urlopen(f"{url}/chunked") as response:  # noqa: S310 (of this test)
        got, buffer = response.read1(size) + response.readline(size), bytearray(size)
        while count := response.readinto(buffer):
            got += bytes(buffer[:count])
    assert got == LONG
    assert b"".join(_bodies(handed)) == LONG


def test_a_body_that_nobody_reads_is_said(url: str, handed: list[Exchange]) -> None:
    with urllib.request.urlopen(f"{url}/chunked") as response:  # noqa: S310 (of this test)
        pass
    del response
    _by_http_client(f"{url}/page")  # streams that are gone are told of with the next answer
    assert "a stream that was never read" in [exchange.unsearched for exchange in handed]
