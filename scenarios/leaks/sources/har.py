"""A HAR file -> haystacks: every response a browser or proxy recorded, told apart and named by its request."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from scenarios.leaks.detector import LeakDetector, Part


def is_har(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"log"' in data[:4096] and b'"entries"' in data


def entries(data: bytes, name: str, detector: LeakDetector) -> Iterator[tuple[str, list[Part]]]:
    """(name, parts) of every entry: address, status, headers, body; what was asked counts as seen, too.

    Raises:
        msgspec.DecodeError: it is no JSON, or not made like a HAR file.
    """
    archive = msgspec.json.decode(data.lstrip(b"\xef\xbb\xbf"))
    try:
        recorded = archive["log"]["entries"]
        for entry in recorded:
            yield _entry(entry, name, detector)
    except (KeyError, TypeError, AttributeError):
        raise msgspec.DecodeError("not made like a HAR file") from None


def _entry(entry: Mapping[str, Any], name: str, detector: LeakDetector) -> tuple[str, list[Part]]:
    request, response = entry["request"], entry["response"]
    url = str(request["url"])
    shown = f"{name} {request.get('method', 'GET')} {detector.masked(urlsplit(url).path or '/')}"
    parts = [
        Part(kind="url", name=shown, data=url.encode()),
        Part(
            kind="status_line",
            name=shown,
            data=f"{response.get('status', '')} {response.get('statusText', '')}".encode(),
        ),
    ]
    for header in response.get("headers", ()):
        line = f"{header.get('name', '')}: {header.get('value', '')}"
        parts.append(Part(kind="response_header", name=shown, data=line.encode("utf-8", "replace")))
    content = response.get("content") or {}
    parts.append(Part(kind="response_body", name=shown, data=_body(content)))
    return shown, parts


def _body(content: Mapping[str, Any]) -> bytes:
    text = str(content.get("text") or "")
    if content.get("encoding") != "base64":
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return text.encode()
