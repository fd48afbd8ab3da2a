"""Answers that a locustfile gets beside Locust's clients: searched like all others, or said not to be.

Those of `requests`, `httpx.Client`, `urllib`, `urllib3` and `http.client` are searched. Locust does not count them. Any
other connection makes the run unknown, unless `handed_over` says that its answers reach the search by another way.
`watch_beside` replaces methods of classes, once a process.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from earlid.copies.connections import UNWATCHED, known
from earlid.copies.standard import watch_standard

# (response or a stand-in for one that broke off, method, URL, context)
HandOver = Callable[[Any, str, str, dict[str, Any]], None]

_CONTEXT: ContextVar[dict[str, Any] | None] = ContextVar("context of requests beside the client", default=None)
_UNDER_WAY: ContextVar[Any] = ContextVar("the session whose request is on its way", default=None)


@contextmanager
def beside(**context: Any) -> Iterator[None]:
    """Say whose data the answers of this block may hold: `with beside(may_see=["H01"]): requests.post(...)`."""
    token = _CONTEXT.set({**_context(), **context})
    try:
        yield
    finally:
        _CONTEXT.reset(token)


def handed_over(host: str, port: int) -> None:
    """Say that what comes from this address is handed to the search otherwise: by an event of its own, as text.

    Raises:
        OSError: the host is not known.
    """
    UNWATCHED.allow(host, port)


def _context() -> dict[str, Any]:
    return dict(_CONTEXT.get() or {})


def watch_beside(hand_over: HandOver) -> None:
    """Call `hand_over` for each answer that did not come through Locust's clients. `httpx` must be imported by then."""
    from locust.clients import HttpSession

    requests: Any = sys.modules["requests"]  # Locust's own client is made of it
    httpx: Any = sys.modules.get("httpx")
    requests.Session.send = _watched(requests.Session.send, hand_over, HttpSession)
    requests.adapters.HTTPAdapter.send = _known(requests.adapters.HTTPAdapter.send)
    if httpx is not None:
        httpx.Client.send = _watched(httpx.Client.send, hand_over, ())
        httpx.HTTPTransport.handle_request = _known(httpx.HTTPTransport.handle_request)
    watch_standard(lambda answer, method, url: hand_over(answer, method, url, _context()))


def _known(send: Any) -> Any:
    """Inside of a watched session, what lies below is watched."""

    @functools.wraps(send)
    def sending(*arguments: Any, **options: Any) -> Any:
        with known(_UNDER_WAY.get() is not None):
            return send(*arguments, **options)

    return sending


def _watched(send: Any, hand_over: HandOver, own: Any) -> Any:
    @functools.wraps(send)
    def watched(self: Any, request: Any, *arguments: Any, **options: Any) -> Any:
        if _UNDER_WAY.get() is self:  # a redirect of this one
            return send(self, request, *arguments, **options)
        token = _UNDER_WAY.set(self)
        if isinstance(self, own):  # Locust's own: its event tells of it
            try:
                return send(self, request, *arguments, **options)
            finally:
                _UNDER_WAY.reset(token)
        context, method, url = _context(), str(request.method), str(request.url)
        try:
            response = send(self, request, *arguments, **options)
        except Exception as error:
            hand_over(SimpleNamespace(status_code=0, error=error, request=request, history=()), method, url, context)
            raise
        finally:
            _UNDER_WAY.reset(token)
        hand_over(response, method, url, context)
        return response

    return watched


def name_of(url: str) -> str:
    """What stands for a request in the report; the search masks what is in it."""
    return urlsplit(url).path or "/"
