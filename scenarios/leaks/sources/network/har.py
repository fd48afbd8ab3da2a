"""A HAR file -> every response a browser or proxy recorded, told apart and named by its request."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread

_MOST = 512 * 1024 * 1024


def _is_har(content: Content) -> bool:
    head = content.head
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"log"' in head[:4096] and (
        b'"entries"' in head or b'"creator"' in head
    )  # fmt: skip


def _read(content: Content) -> Found:
    """Address, status, headers and body of every entry. Requests are searched too."""
    data = content.whole(_MOST)
    try:
        for entry in msgspec.json.decode(data.lstrip(b"\xef\xbb\xbf"))["log"]["entries"]:
            yield from _entry(entry)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        yield Unread(kind="har", name="", why="damaged", detail="not made like a HAR file, searched as text only")


def _entry(entry: Mapping[str, Any]) -> Found:
    request, response = entry["request"], entry["response"]
    url, method = str(request["url"]), str(request.get("method", "GET"))
    path = urlsplit(url).path or "/"
    status = f"{response.get('status', '')} {response.get('statusText', '')}"
    yield Piece(data=url.encode(), name=path, label=method, kind="url", final=True)
    yield Piece(data=status.encode("utf-8", "replace"), name=path, label=method, kind="status_line", final=True)
    for header in (*request.get("headers", ()), *response.get("headers", ())):
        line = f"{header.get('name', '')}: {header.get('value', '')}".encode("utf-8", "replace")
        kind = "response_header" if header in response.get("headers", ()) else "request_header"
        yield Piece(data=line, name=path, label=method, kind=kind, final=True)
    posted = (request.get("postData") or {}).get("text")
    if posted:
        yield Piece(data=str(posted).encode("utf-8", "replace"), name=path, label=method, kind="request_body")
    yield Piece(data=_body(response.get("content") or {}), name=path, label=method, kind="response_body")


def _body(content: Mapping[str, Any]) -> bytes:
    text = str(content.get("text") or "")
    if content.get("encoding") != "base64":
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return text.encode()


HAR = Reader(kind="har", knows=_is_har, read=_read)
