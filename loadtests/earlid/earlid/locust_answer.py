"""What Locust's request event carries -> an exchange. Knows both of Locust's clients and their redirects.

HttpUser's answers are of `requests`, FastHttpUser's of `geventhttpclient`.
"""

import http.client
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from earlid.copies.clients import HOPS, hops_of, is_copied
from earlid.copies.packed import RAW
from earlid.copies.standard import COPY
from earlid.exchange import Exchange, header_lines

STREAMED = "streamed"
_BEGAN = ("ChunkedEncodingError", "ContentDecodingError", "HTTPParseError", "HTTPProtocolViolationError")
_BEGAN_INSIDE = (("ConnectionError", "ReadTimeoutError"), ("SSLError", "SSLError"))  # an error and what it is about


def exchange_of(
    response: Any,
    *,
    method: str,
    name: str,
    url: str,
    ms: float,
    context: dict[str, Any],
    control: dict[str, str],
    error: Any = None,
) -> Exchange:
    """Everything of an answer that a client can see. `unsearched` is "streamed" for a body that nobody has read yet."""
    data = text_of(response)
    if data is not None:
        return Exchange(
            method=method, name=name, status=200, ms=ms, urls=(url,), bodies=(("response_body", data),), context=context
        )
    status = int(getattr(response, "status_code", 0) or 0)
    urls, head, bodies, doubts = [url], [], [], []
    for hop in hops_of(response):
        head += _head(hop)
        body, why = _hop_body(hop)
        bodies.append(("redirect_body", body))
        doubts += [f"body of a redirect: {why}"] if why else []
    if not status and not bodies:
        why = _broken_off(response)
        return Exchange(method=method, name=name, ms=ms, context=context, control=control, unsearched=why)
    if status:
        head += _head(response)
        body, why = _body(response, error)
        raw = getattr(response, RAW, None)
        if raw is not None:  # beside what was unpacked of it
            why = why and raw.why
            bodies.append(("response_body", raw.body))
        bodies.append(("response_body", body))
        doubts += [why] if why else []
    else:
        status = int(hops_of(response)[-1].status_code)
    final = getattr(getattr(response, "request", None), "url", None)
    if final and str(final) != url:
        urls.append(str(final))
    unsearched = "; ".join(doubts)
    return Exchange(
        method=method,
        name=name,
        status=status,
        ms=ms,
        urls=urls,
        head=head,
        bodies=bodies,
        context=context,
        control=control,
        unsearched=unsearched,
    )


class Whole(NamedTuple):
    """An answer as a client holds it. `headers` is a mapping of it with `items()`, repeated lines one by one."""

    status: int
    reason: str | None
    headers: Any
    body: bytes


def whole_answer(response: Any, url: str) -> Whole | None:
    """An answer that came whole, without redirects. Any other is None: see `exchange_of`.

    Most answers are such. What is asked of them here is only what tells them apart: it is asked for each request.
    """
    fast = getattr(response, "_response", None)
    if fast is not None:
        body = getattr(response, "_cached_content", None)
        request = getattr(response, "request", None)
        if not isinstance(body, bytes) or request is None or HOPS in request.__dict__ or response._history:
            return None
        if RAW in response.__dict__:
            return None
        raw, reason, headers = fast, getattr(fast, "status_message", ""), response.headers
    else:
        known = getattr(response, "__dict__", {})
        body, raw, request = known.get("_content"), known.get("raw"), known.get("request")
        if not isinstance(body, bytes) or request is None or known.get("history") or known.get("error"):
            return None
        reason, headers = known.get("reason"), getattr(raw, "headers", None)
        if not hasattr(headers, "iteritems"):
            return None
    if hasattr(raw, COPY) or request.url != url:
        return None
    status = response.status_code
    return Whole(status, reason, headers, body) if status else None


def row_of(
    whole: tuple[int, str | None, Any, int],
    method: str,
    name: str,
    ms: float,
    url: str,
    context: dict[str, Any],
    control: dict[str, str],
) -> list[Any]:
    """The row of a ROWS frame. It is made when it is sent: many one after another cost less than each by itself.

    `whole` has the length of the body in the place of the body, which is not kept until then.
    """
    status, reason, headers, size = whole
    head = [("header", f"{key}: {value}") for key, value in headers.items()]
    head.insert(0, ("status_line", f"{status} {reason or ''}"))
    bodies = (("response_body", size),)
    return [method, name, status, round(ms, 1), (url,), head, bodies, context, control, "", 0]


def _head(response: Any) -> list[tuple[str, str]]:
    reason = getattr(response, "reason", None)
    if reason is None:
        reason = getattr(getattr(response, "_response", None), "status_message", None)
    return [("status_line", f"{response.status_code} {reason or ''}"), *header_lines(_headers(response))]


def _headers(response: Any) -> Iterator[tuple[str, str]]:
    """Every header line, repeated ones as often as they came (requests joins them, urllib3 below does not)."""
    raw = getattr(getattr(response, "raw", None), "headers", None)
    headers = raw if raw is not None and hasattr(raw, "iteritems") else response.headers
    for key, value in (headers or {}).items():
        yield str(key), str(value)


def text_of(response: Any) -> bytes | None:
    """What a client of another kind gave: text, bytes, or plain data, which is written as JSON. None for the rest."""
    if isinstance(response, bytes):
        return response
    if isinstance(response, dict | list | tuple):
        try:
            response = json.dumps(response, ensure_ascii=False)
        except (TypeError, ValueError):
            return None
    return response.encode("utf-8", "replace") if isinstance(response, str) else None


def _body(response: Any, error: Any) -> tuple[bytes, str]:
    """The body, or why there is none."""
    if is_copied(response):
        return b"", ""
    fast = getattr(response, "_response", None)
    if fast is not None and not hasattr(response, "_cached_content"):
        if fast._sock is None and not fast.message_complete:
            return bytes(fast._body_buffer), f"broke off ({type(error).__name__})"
        if error is not None and not fast._body_buffer and fast.message_complete:
            return b"", type(error).__name__  # it could not be unpacked
        return b"", STREAMED
    if fast is None and not getattr(response, "_content_consumed", True):
        return b"", STREAMED
    if getattr(response, "why", ""):
        return response.content, response.why
    try:
        body = response.content
    except Exception as raised:  # any client, any codec: it is said that nothing was searched, and the load goes on
        return b"", type(raised).__name__
    return (body, "") if isinstance(body, bytes) else (b"", "")


def _hop_body(hop: Any) -> tuple[bytes, str]:
    if isinstance(getattr(hop, "_content", None), bytes):
        return hop._content, ""
    if hasattr(hop, "_cached_content"):
        return hop._cached_content or b"", ""
    return b"", "could not be read"


def _broken_off(response: Any) -> str:
    """Why an answer that had begun is lost. Empty when there was none at all."""
    error = getattr(response, "error", None)
    name = type(error).__name__
    inner = error.args[0] if isinstance(error, Exception) and error.args else None
    cause = inner.args[-1] if isinstance(inner, Exception) and inner.args else None
    if name in _BEGAN or (name, type(inner).__name__) in _BEGAN_INSIDE:
        return f"broke off ({name})"
    if isinstance(cause, http.client.HTTPException) and not isinstance(cause, http.client.RemoteDisconnected):
        return f"broke off ({type(cause).__name__})"  # what came is no HTTP
    return ""
