"""What Locust's request event carries -> parts to search.

Knows both of Locust's clients: HttpUser (requests) and FastHttpUser (geventhttpclient).
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from scenarios.leaks.detector import LeakDetector, Part


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One response. `status` is 0 when none came; `unsearched` says why its body could not be read."""

    status: int
    parts: tuple[Part, ...]
    unsearched: str | None = None


def receive(response: Any, url: str, place: str, detector: LeakDetector) -> Received:
    """Everything of a response a client can see. `place` ("reviewer GET /clips/{ref}") names it in findings.

    A body the load test streams is left to it: reading it here would take it away.
    """
    parts = [Part(kind="url", name=place, data=_bytes(url))]
    if isinstance(response, str | bytes):
        return Received(status=200, parts=(*parts, Part(kind="response_body", name=place, data=_bytes(response))))
    status = int(getattr(response, "status_code", 0) or 0)
    if not status:
        return Received(status=0, parts=())
    for hop in getattr(response, "history", None) or ():
        parts += _head(hop, place, detector)
        if isinstance(getattr(hop, "_content", None), bytes):
            parts.append(Part(kind="redirect_body", name=place, data=hop._content))
    parts += _head(response, place, detector)
    final = getattr(getattr(response, "request", None), "url", None)
    if final and str(final) != url:
        parts.append(Part(kind="url", name=place, data=_bytes(str(final))))
    body, unsearched = _body(response)
    parts.append(Part(kind="response_body", name=place, data=body))
    return Received(status=status, parts=tuple(parts), unsearched=unsearched)


def _head(response: Any, place: str, detector: LeakDetector) -> Iterator[Part]:
    reason = getattr(response, "reason", None)
    if reason is None:
        reason = getattr(getattr(response, "_response", None), "status_message", None)
    yield Part(kind="status_line", name=place, data=_bytes(f"{response.status_code} {reason or ''}"))
    for key, value in _headers(response):
        shown = detector.masked(key.lower())
        yield Part(kind="response_header", name=f"{place} [{shown}]", data=_bytes(f"{key}: {value}"))


def _headers(response: Any) -> Iterator[tuple[str, str]]:
    """Every header line, repeated ones as often as they came (requests joins them, urllib3 below does not)."""
    raw = getattr(getattr(response, "raw", None), "headers", None)
    headers = raw if raw is not None and hasattr(raw, "iteritems") else response.headers
    for key, value in (headers or {}).items():
        yield str(key), str(value)


def _body(response: Any) -> tuple[bytes, str | None]:
    streamed = not getattr(response, "_content_consumed", True)
    if hasattr(response, "_response"):
        streamed = not hasattr(response, "_cached_content")
    if streamed:
        return b"", "streamed"
    try:
        body = response.content
    except Exception as error:  # any client, any codec: it is said that nothing was searched, and the load goes on
        return b"", type(error).__name__
    return body if isinstance(body, bytes) else b"", None


def _bytes(value: str | bytes) -> bytes:
    """Header text comes as Latin-1 decoded bytes; anything wider is text already."""
    if isinstance(value, bytes):
        return value
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")
