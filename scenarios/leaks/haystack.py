"""Turns anybody's response object into what is to be searched: status line, headers, URL, body, and each redirect
before it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One searchable piece of a response: `kind` and `name` as in `Where`, and its raw bytes."""

    kind: str
    name: str
    data: bytes


class Haystack(msgspec.Struct, frozen=True, kw_only=True):
    """One response: status line, each header, URL, body."""

    parts: tuple[Part, ...]


def haystack_of(response: object, *, masked: Callable[[str], str], name: str = "") -> Haystack:
    """The parts of `response`: a Haystack, text, bytes, or a response of an HTTP client or test client.

    Its shape tells what it is: httpx and Starlette's TestClient, requests, Flask and Werkzeug, Django, or anything with
    `status_code`, `headers` and one of `content`, `data`, `body`. A part is named `name`, or by method and path as
    `masked` shows them.

    Raises:
        TypeError: nothing of it is known. An unread stream raises its own library's error: it is never skipped.
    """
    if isinstance(response, Haystack):
        return response
    if isinstance(response, str | bytes | bytearray | memoryview):
        return Haystack(parts=(Part(kind="text", name=name, data=_bytes(response)),))
    parts: list[Part] = []
    for hop in getattr(response, "history", None) or ():
        parts += _parts(hop, name, masked)
    return Haystack(parts=(*parts, *_parts(response, name, masked)))


def http_parts(
    place: str, *, status: str, headers: Iterable[tuple[str, str]], body: bytes, masked: Callable[[str], str]
) -> Iterator[Part]:
    """The parts of one HTTP answer. `headers` are in order, and repeated ones come as often as they were sent."""
    yield Part(kind="status_line", name=place, data=_bytes(status))
    for key, value in headers:
        yield Part(kind="response_header", name=f"{place} [{masked(key.lower())}]", data=_bytes(f"{key}: {value}"))
    yield Part(kind="response_body", name=place, data=body)


def _parts(response: Any, name: str, masked: Callable[[str], str]) -> Iterator[Part]:
    status = getattr(response, "status_code", None)
    body = _body(response)
    if status is None or body is None:
        raise TypeError(
            f"{type(response).__name__}: no response (wanted: status_code, headers and a body), text or bytes"
        )
    request = getattr(response, "_request", getattr(response, "request", None))
    url = str(getattr(request, "url", "") or "")
    if not name and url:
        name = f"{getattr(request, 'method', None) or 'GET'} {masked(urlsplit(url).path or '/')}"
    if url:
        yield Part(kind="url", name=name, data=_bytes(url))
    reason = getattr(response, "reason_phrase", None) or getattr(response, "reason", None) or ""
    yield from http_parts(name, status=f"{status} {reason}", headers=_headers(response), body=body, masked=masked)


def _headers(response: Any) -> Iterator[tuple[str, str]]:
    headers = response.headers
    pairs = headers.multi_items() if hasattr(headers, "multi_items") else headers.items()
    for key, value in pairs:
        yield str(key), str(value)
    for cookie in getattr(response, "cookies", None) or ():
        # Django keeps cookies apart from the other headers.
        if hasattr(response.cookies, "output") and cookie in response.cookies:
            yield "set-cookie", response.cookies[cookie].OutputString()


def _body(response: Any) -> bytes | None:
    for attribute in ("content", "data", "body"):
        body = getattr(response, attribute, None)
        if isinstance(body, str | bytes | bytearray | memoryview):
            return _bytes(body)
    return None


def _bytes(value: str | bytes | bytearray | memoryview) -> bytes:
    """The bytes of header text: Latin-1 where it fits, UTF-8 otherwise."""
    if not isinstance(value, str):
        return bytes(value)
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")
