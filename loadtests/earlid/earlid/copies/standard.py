"""Answers of `http.client`, on which `urllib` and `urllib3` stand: each is handed over, every redirect too.

A body that says its length (8 MB at most) is read at once, and the caller reads it from memory. Others are copied
while they are read.
"""

import functools
import http.client
import io
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from earlid.copies.connections import is_known, known
from earlid.copies.streams import StreamCopy

COPY = "_earlid_copy"
_ASKED = "_earlid_asked"
_MOST_AT_ONCE = 8 * 1024 * 1024

# (answer as exchange_of reads it, method, URL)
HandOver = Callable[[Any, str, str], None]


def watch_standard(hand_over: HandOver) -> None:
    """Call `hand_over` for each answer of `http.client` that no other watch sees. Replaces methods, once a process."""
    connection: Any = http.client.HTTPConnection
    connection.putrequest = _noting(connection.putrequest)
    for kind in (connection, http.client.HTTPSConnection, *_of_urllib3()):
        kind.connect = _known(kind.connect)
    connection.send = _known(connection.send)  # connects where that was not done before
    connection.getresponse = _handing_over(connection.getresponse, hand_over)


def _noting(putrequest: Any) -> Any:
    @functools.wraps(putrequest)
    def noting(self: Any, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        setattr(self, _ASKED, (method, url))
        return putrequest(self, method, url, *arguments, **options)

    return noting


def _of_urllib3() -> list[Any]:
    """It has classes of connections that open them by themselves."""
    made: Any = sys.modules.get("urllib3.connection")
    return [made.HTTPConnection, made.HTTPSConnection] if made else []


def _known(connect: Any) -> Any:
    @functools.wraps(connect)
    def connecting(*arguments: Any) -> Any:
        with known():
            return connect(*arguments)

    return connecting


def _handing_over(getresponse: Any, hand_over: HandOver) -> Any:
    @functools.wraps(getresponse)
    def handing_over(self: Any) -> Any:
        response = getresponse(self)
        raw = getattr(response, "_original_response", response)  # urllib3 wraps it
        if not is_known() and not isinstance(getattr(raw, "fp", None), io.BytesIO):
            method, path = getattr(self, _ASKED, ("GET", "/"))
            scheme = "https" if self.default_port == http.client.HTTPS_PORT else "http"
            url = path if "://" in path else f"{scheme}://{self.host}:{self.port}{path}"
            hand_over(_answer(raw), method, url)
        return response

    return handing_over


def _answer(raw: Any) -> SimpleNamespace:
    """What `exchange_of` wants to know of an answer. `content` is absent where the body is still to come."""
    answer = SimpleNamespace(status_code=raw.status, reason=raw.reason, headers=raw.headers, history=(), _response=None)
    if raw.length is not None and raw.length <= _MOST_AT_ONCE:
        body, why = _read_ahead(raw)
        answer.content, answer.why = _decoded(body, str(raw.headers.get("Content-Encoding") or ""), why)
    else:
        answer.raw, answer._content_consumed = raw, False
    return answer


def _read_ahead(raw: Any) -> tuple[bytes, str]:
    """Read a body whose length is known, and let the caller read it again. Not raised: the caller meets it himself."""
    if raw.fp is None or not raw.length:
        return b"", ""
    pieces, left = [], raw.length
    try:
        while left and (piece := raw.fp.read(left)):
            pieces.append(piece)
            left -= len(piece)
    except OSError as error:
        return b"".join(pieces), f"broke off ({type(error).__name__})"
    finally:
        raw.fp.close()
        raw.fp = io.BytesIO(b"".join(pieces))
    return b"".join(pieces), "broke off (IncompleteRead)" if left else ""


def _decoded(body: bytes, encoding: str, why: str) -> tuple[bytes, str]:
    taken: list[tuple[bytes, str]] = []
    copy = StreamCopy(lambda piece, _part, said: taken.append((piece, said)), encoding=encoding)
    copy.take(body)
    copy.end()
    return (taken[-1][0], why or taken[-1][1]) if taken else (b"", why)


def copying(kind: Any) -> type:
    """A class of answers of `http.client` that copies its body while it is read."""

    class Copying(kind):  # type: ignore[misc]
        _earlid_inside = False

        def read(self, amt: int | None = None) -> bytes:
            return self._copied(lambda: super(Copying, self).read(amt))

        def read1(self, n: int = -1) -> bytes:
            return self._copied(lambda: super(Copying, self).read1(n))

        def readline(self, limit: int = -1) -> bytes:
            return self._copied(lambda: super(Copying, self).readline(limit))

        def readinto(self, b: Any) -> int:
            view = memoryview(b).cast("B")
            size = 0

            def read() -> bytes:
                nonlocal size
                size = super(Copying, self).readinto(b)
                return bytes(view[:size])

            self._copied(read)
            return size

        def _copied(self, read: Callable[[], bytes]) -> bytes:
            """What is read, copied once: these methods call each other."""
            if self._earlid_inside:
                return read()
            self._earlid_inside, copy = True, getattr(self, COPY)
            try:
                data = read()
                copy.take(data)
            finally:
                self._earlid_inside = False
                copy.end() if self.isclosed() else copy.pass_on()
            return data

    return Copying
