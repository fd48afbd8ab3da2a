"""Reads a response of any HTTP client or test client: httpx and Starlette's TestClient, requests, Flask and Werkzeug,
Django, or anything with `status_code`, `headers` and one of `content`, `data`, `body`."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

Text = str | bytes | bytearray | memoryview


class Answer(NamedTuple):
    """One answer. `headers` are in order, and repeated ones come as often as they were sent. `url` may be empty."""

    method: str
    url: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


def answers_of(response: Any) -> list[Answer]:
    """The answers that led to `response`, each redirect before the last.

    Raises:
        TypeError: nothing of it is known. An unread stream raises its own library's error: it is never skipped.
    """
    hops = [answer for hop in getattr(response, "history", None) or () for answer in answers_of(hop)]
    status, body = getattr(response, "status_code", None), _body(response)
    if status is None or body is None:
        raise TypeError(
            f"{type(response).__name__}: no response (wanted: status_code, headers and a body), text or bytes"
        )
    request = getattr(response, "_request", getattr(response, "request", None))
    return [
        *hops,
        Answer(
            method=str(getattr(request, "method", None) or "GET"),
            url=str(getattr(request, "url", "") or ""),
            status=int(status),
            reason=str(getattr(response, "reason_phrase", None) or getattr(response, "reason", None) or ""),
            headers=list(_headers(response)),
            body=body,
        ),
    ]


def is_text(value: object) -> TypeGuard[Text]:
    """Whether `value` is text or bytes itself."""
    return isinstance(value, str | bytes | bytearray | memoryview)


def raw(value: Text) -> bytes:
    """The bytes of text: Latin-1 where it fits, UTF-8 otherwise."""
    if not isinstance(value, str):
        return bytes(value)
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def _headers(response: Any) -> Iterator[tuple[str, str]]:
    headers: Any = response.headers
    for key, value in headers.multi_items() if hasattr(headers, "multi_items") else headers.items():
        yield str(key), str(value)
    cookies: Any = getattr(response, "cookies", None)
    if hasattr(cookies, "output"):  # Django keeps cookies apart from the other headers
        yield from (("set-cookie", morsel.OutputString()) for morsel in cookies.values())


def _body(response: Any) -> bytes | None:
    bodies = (getattr(response, attribute, None) for attribute in ("content", "data", "body"))
    return next((raw(body) for body in bodies if is_text(body)), None)
