"""Answers that a locustfile gets beside Locust's clients, with `requests` or `httpx`: searched like all others.

Locust does not count them. `watch_beside` replaces methods of classes, once a process.
"""

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

# (response or a stand-in for one that broke off, method, URL, context)
HandOver = Callable[[Any, str, str, dict[str, Any]], None]

_SAID = threading.local()  # of each greenlet: the context, and whether a request is on its way


@contextmanager
def beside(**context: Any) -> Iterator[None]:
    """Say whose data the answers of this block may hold: `with beside(may_see=["H01"]): requests.post(...)`."""
    before = getattr(_SAID, "context", {})
    _SAID.context = {**before, **context}
    try:
        yield
    finally:
        _SAID.context = before


def watch_beside(hand_over: HandOver) -> None:
    """Call `hand_over` for each answer of `requests`, and of `httpx` where the locustfile has imported it."""
    from locust.clients import HttpSession

    requests: Any = sys.modules["requests"]  # Locust's own client is made of it
    httpx: Any = sys.modules.get("httpx")
    requests.Session.send = _watched(requests.Session.send, hand_over, HttpSession)
    if httpx is not None:
        httpx.Client.send = _watched(httpx.Client.send, hand_over, ())


def _watched(send: Any, hand_over: HandOver, own: Any) -> Any:
    @functools.wraps(send)
    def watched(self: Any, request: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(self, own) or getattr(_SAID, "under_way", False):  # Locust's own, or a redirect of this one
            return send(self, request, *arguments, **options)
        context, method, url = dict(getattr(_SAID, "context", {})), str(request.method), str(request.url)
        _SAID.under_way = True
        try:
            response = send(self, request, *arguments, **options)
        except Exception as error:
            hand_over(SimpleNamespace(status_code=0, error=error, request=request, history=()), method, url, context)
            raise
        finally:
            _SAID.under_way = False
        hand_over(response, method, url, context)
        return response

    return watched


def name_of(url: str) -> str:
    """What stands for a request in the report; the search masks what is in it."""
    return urlsplit(url).path or "/"
