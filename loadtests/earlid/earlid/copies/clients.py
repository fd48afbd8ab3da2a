"""Looks into Locust's two HTTP clients where its request event tells too little: streams and redirects.

HttpUser reads through `urllib3`, FastHttpUser through `geventhttpclient`. Both get a class that copies what is read.
`watch_clients` replaces methods of classes, once a process.
"""

import functools
import http.client
import threading
import weakref
from collections import deque
from typing import Any

from earlid.copies.connections import known
from earlid.copies.packed import keeping_raw, lost_answer
from earlid.copies.standard import COPY, copying
from earlid.copies.streams import HandOver, StreamCopy

HOPS = "_earlid_hops"  # of a request: the redirects it went through
_MOST_OF_A_HOP = 8 * 1024 * 1024


class Streams:
    """All streams of one process that are being read. `end_left` tells of those that nobody reads any more."""

    def __init__(self) -> None:
        self._open: dict[int, StreamCopy] = {}
        self._left: deque[int] = deque()

    def copy(self, response: Any, hand_over: HandOver) -> bool:
        """Copy what is read of an answer from now on. False: its client is not known, and nothing will be copied."""
        raw: Any = getattr(response, "_response", None)
        raw = getattr(response, "raw", None) if raw is None else raw
        made = _copying_class(raw)
        if made is None:
            return False
        if not hasattr(raw, COPY):
            fast = hasattr(raw, "_body_buffer")
            undecoded = fast or isinstance(raw, http.client.HTTPResponse)
            copy = StreamCopy(
                hand_over,
                content_type=str(response.headers.get("content-type") or ""),
                encoding=str(response.headers.get("content-encoding") or "") if undecoded else "",
            )
            if fast and raw._body_buffer:
                copy.take(bytes(raw._body_buffer))  # came with the headers
            setattr(raw, COPY, copy)
            raw.__class__ = made
            self._open[id(copy)] = copy
            weakref.finalize(raw, self._left.append, id(copy))
            if fast and raw.message_complete:
                copy.end()
        return True

    def end_left(self) -> None:
        """End the copies whose answers are gone. Never called by the garbage collector itself: it may wait."""
        while self._left:
            copy = self._open.pop(self._left.popleft(), None)
            if copy is not None:
                copy.end(whole=False)

    def end_all(self) -> None:
        """At the end of the run."""
        self.end_left()
        for copy in self._open.values():
            copy.end(whole=False)
        self._open.clear()


def watch_clients(copy_stream: Any, lost: Any) -> None:
    """Call `copy_stream(response)` for each answer with `stream=True`, and keep what FastHttpUser throws away.

    `lost(response, method, name)` is called for an answer about which no event will come.
    """
    from locust.clients import HttpSession
    from locust.contrib.fasthttp import FastHttpSession, FastResponse, LocustUserAgent

    for session in (HttpSession, FastHttpSession):
        session.request = _copying(session.request, copy_stream, lost)  # type: ignore[method-assign]
    FastResponse._content = keeping_raw(FastResponse._content)  # type: ignore[method-assign]
    asked = threading.local()  # the request of each greenlet
    LocustUserAgent._urlopen = _keeping(LocustUserAgent._urlopen, asked)  # type: ignore[method-assign]
    LocustUserAgent.urlopen = _naming(LocustUserAgent.urlopen, asked)  # type: ignore[method-assign]


def hops_of(response: Any) -> list[Any]:
    """The redirects before an answer, oldest first, also where the last one broke off."""
    error = getattr(response, "error", None)
    last = getattr(error, "response", None)
    if not getattr(response, "status_code", 0) and last is not None and hasattr(last, "history"):
        return [*last.history, last]  # too many redirects
    for holder in (response, error):
        hops = getattr(getattr(holder, "request", None), HOPS, None)
        if hops:
            return [hop for hop in hops if getattr(hop, "_response", 0) is not getattr(response, "_response", None)]
    return list(getattr(response, "history", None) or ())


def _copying(request: Any, copy_stream: Any, lost: Any) -> Any:
    @functools.wraps(request)
    def copied(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            response = request(self, *arguments, **options)
        except Exception as error:
            answer = lost_answer(error)
            if answer is not None:
                lost(answer, answer.request.method, str(options.get("name") or self.request_name or answer.url))
            raise
        if options.get("stream") and options.get("catch_response"):
            copy_stream(response)
        return response

    return copied


def _naming(urlopen: Any, asked: Any) -> Any:
    """An error tells which request it belongs to."""

    @functools.wraps(urlopen)
    def named(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            with known():
                return urlopen(self, *arguments, **options)
        except Exception as error:
            if not hasattr(error, "request"):
                error.request = getattr(asked, "request", None)  # type: ignore[attr-defined]
            raise

    return named


def _keeping(urlopen: Any, asked: Any) -> Any:
    """Read the body of a redirect, which the client would throw away."""

    @functools.wraps(urlopen)
    def kept(self: Any, request: Any) -> Any:
        asked.request = request
        response = urlopen(self, request)
        if response.status_code in self.redirect_response_codes and response.headers.get("location"):
            length = str(response.headers.get("content-length") or "0")
            if length.isdigit() and int(length) <= _MOST_OF_A_HOP:
                _read_quietly(response)
            request.__dict__.setdefault(HOPS, []).append(response)
        return response

    return kept


def _read_quietly(response: Any) -> None:
    try:
        response.content  # noqa: B018 (reads it)
    except Exception:
        return  # it has no content then, which is said when the answer is searched


@functools.cache
def _class_of(kind: Any) -> type | None:
    if hasattr(kind, "_on_body"):
        return _copying_fast(kind)
    if issubclass(kind, http.client.HTTPResponse):
        return copying(kind)
    return _copying_urllib3(kind) if hasattr(kind, "read_chunked") else None


def is_copied(response: Any) -> bool:
    """Whether what is read of this answer is copied already."""
    return hasattr(getattr(response, "_response", None), COPY) or hasattr(getattr(response, "raw", None), COPY)


def _copying_class(raw: Any) -> type | None:
    return type(raw) if hasattr(raw, COPY) else _class_of(raw.__class__)


def _copying_fast(kind: Any) -> type:
    class Copying(kind):  # type: ignore[misc]
        """An answer of geventhttpclient that copies its body while it is read."""

        def _on_body(self, data: Any) -> None:
            getattr(self, COPY).take(bytes(data))
            super()._on_body(data)

        def read(self, length: int | None = None) -> Any:
            return self._read(lambda: super(Copying, self).read(length))

        def readline(self, sep: bytes = b"\r\n") -> Any:
            return self._read(lambda: super(Copying, self).readline(sep))

        def _read(self, read: Any) -> Any:
            copy = getattr(self, COPY)
            try:
                return read()
            finally:
                copy.end() if self.message_complete else copy.pass_on()

    return Copying


def _copying_urllib3(kind: Any) -> type:
    class Copying(kind):  # type: ignore[misc]
        """An answer of urllib3 that copies its body while it is read."""

        def read(self, amt: int | None = None, decode_content: bool | None = None, *rest: Any, **more: Any) -> Any:
            return self._copied(super().read(amt, decode_content, *rest, **more), decode_content, ended=amt != 0)

        def read1(self, amt: int | None = None, decode_content: bool | None = None) -> Any:
            return self._copied(super().read1(amt, decode_content), decode_content, ended=amt != 0)

        def read_chunked(self, amt: int | None = None, decode_content: bool | None = None) -> Any:
            for data in super().read_chunked(amt, decode_content):
                yield self._copied(data, decode_content, ended=False)
            self._copied(b"", decode_content, ended=True)

        def _copied(self, data: bytes, decode_content: bool | None, *, ended: bool) -> bytes:
            copy: StreamCopy = getattr(self, COPY)
            decoded = self.decode_content if decode_content is None else decode_content
            if not decoded and not hasattr(self, "_earlid_raw"):
                self._earlid_raw = True
                copy.decode(str(self.headers.get("content-encoding") or ""))
            copy.take(data)
            at_end = not data or (self.closed and not getattr(self, "_decoded_buffer", None))
            copy.end() if ended and at_end else copy.pass_on()
            return data

    return Copying
