"""What Locust's request event carries -> an exchange. Knows both of Locust's clients and their redirects.

HttpUser's answers are of `requests`, FastHttpUser's of `geventhttpclient`.
"""

from collections.abc import Iterator
from typing import Any

from earlid.exchange import Exchange, header_lines


def exchange_of(
    response: Any, *, method: str, name: str, url: str, ms: float, context: dict[str, Any], control: dict[str, str]
) -> Exchange:
    """Everything of an answer that a client can see. A body the load test streams itself is left to it, and said."""
    if isinstance(response, str | bytes):
        data = response.encode("utf-8", "replace") if isinstance(response, str) else response
        return Exchange(
            method=method, name=name, status=200, ms=ms, urls=(url,), bodies=(("response_body", data),), context=context
        )
    status = int(getattr(response, "status_code", 0) or 0)
    if not status:
        return Exchange(method=method, name=name, ms=ms, context=context, control=control)
    urls, head, bodies = [url], [], []
    for hop in getattr(response, "history", None) or ():
        head += _head(hop)
        if isinstance(getattr(hop, "_content", None), bytes):
            bodies.append(("redirect_body", hop._content))
    head += _head(response)
    final = getattr(getattr(response, "request", None), "url", None)
    if final and str(final) != url:
        urls.append(str(final))
    body, unsearched = _body(response)
    bodies.append(("response_body", body))
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


def _body(response: Any) -> tuple[bytes, str]:
    """The body, or why there is none."""
    streamed = not getattr(response, "_content_consumed", True)
    if hasattr(response, "_response"):
        streamed = not hasattr(response, "_cached_content")
    if streamed:
        return b"", "streamed"
    try:
        body = response.content
    except Exception as error:  # any client, any codec: it is said that nothing was searched, and the load goes on
        return b"", type(error).__name__
    return (body, "") if isinstance(body, bytes) else (b"", "")
