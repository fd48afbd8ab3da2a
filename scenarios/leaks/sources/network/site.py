"""Fetches a web address and what it links to on the same origin, by GET. A caller may sign the client in."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator

import httpx
import msgspec

from gateway.files import BadFile, reason_of
from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.network.links import links_in
from scenarios.leaks.sources.reader.reader import Unread

MAX_BYTES = 64 * 1024 * 1024  # of one response; what lies beyond is noted as not searched
MAX_PAGES = 500
MAX_DEPTH = 3  # links away from the address that was given
_TIMEOUT_S = 10.0  # without an answer, or without another piece of it
_PATIENCE_S = 60.0  # for one whole answer

Masked = Callable[[str], str]
SignIn = Callable[[httpx.Client], str | None]
_ENDS = re.compile(r"log-?out|sign-?out|delete|remove|destroy|purge", re.IGNORECASE)  # a GET of these may do it


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: its address, its status line and headers as parts, and its body."""

    name: str
    parts: tuple[Part, ...]
    body: bytes


def fetched(url: str, *, masked: Masked, sign_in: SignIn | None = None) -> Iterator[Fetched | Unread]:
    """Answers breadth first, at most MAX_DEPTH links away. What was not followed or was refused is an Unread.

    `sign_in` makes the client one of the site's users, or says why it could not. Somebody who is signed in does not
    follow links that sign out or delete, and each is an Unread.

    Raises:
        BadFile: no address, nothing answers there, or a credential is missing.
    """
    try:
        start = httpx.URL(url)
    except httpx.InvalidURL:
        raise BadFile(f"{masked(url)}: not an http(s) address") from None
    waiting, seen = deque([(start, 0)]), {start}
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        if sign_in is not None and (refused := sign_in(client)) is not None:
            yield Unread(kind="response", name=masked(str(start)), why="refused", detail=refused)
            return
        while waiting:
            address, depth = waiting.popleft()
            name = masked(str(address))
            try:
                response, body, whole = _get(client, address)
            except httpx.HTTPError as error:
                if address == start:
                    raise BadFile(f"{name}: does not answer ({reason_of(error)})") from None
                yield Unread(kind="response", name=name, why="unreadable", detail=reason_of(error))
                continue
            yield Fetched(name=name, parts=tuple(_parts(response, name, masked)), body=body)
            yield from _left(response, name, len(body), whole=whole)
            links = list(links_in(response, body))
            if response.is_redirect and not any(_same_origin(link, start) for link in links):
                yield Unread(kind="response", name=name, why="not followed", detail="redirects to another origin")
            for link in links:
                if link in seen or not _same_origin(link, start):
                    continue
                if depth >= MAX_DEPTH or len(seen) >= MAX_PAGES:
                    detail = "too many links away"
                    yield Unread(kind="response", name=masked(str(link)), why="over bounds", detail=detail)
                    continue
                seen.add(link)
                if sign_in is not None and _ENDS.search(link.path):
                    detail = "its address says that it signs out or deletes"
                    yield Unread(kind="response", name=masked(str(link)), why="not followed", detail=detail)
                    continue
                waiting.append((link, depth + 1))


def _left(response: httpx.Response, name: str, size: int, *, whole: bool) -> Iterator[Unread]:
    if not whole:
        detail = f"only the first {size} bytes were searched, there was no end"
        yield Unread(kind="response", name=name, why="over bounds", detail=detail)
    if response.status_code >= 400:
        status = f"answered {response.status_code} {httpx.codes.get_reason_phrase(response.status_code)}".strip()
        yield Unread(kind="response", name=name, why="refused", detail=status)


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _get(client: httpx.Client, url: httpx.URL) -> tuple[httpx.Response, bytes, bool]:
    """The response, its body as far as room and time allow, and whether that is all of it."""
    body = bytearray()
    deadline = time.monotonic() + _PATIENCE_S
    with client.stream("GET", url) as response:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES or time.monotonic() > deadline:
                return response, bytes(body[:MAX_BYTES]), False
    return response, bytes(body), True


def _parts(response: httpx.Response, name: str, masked: Masked) -> Iterator[Part]:
    yield Part(kind="url", name=name, data=str(response.url).encode())
    status = f"{response.status_code} {response.reason_phrase}"
    yield Part(kind="status_line", name=name, data=status.encode("utf-8", "replace"))
    for key, value in response.headers.raw:
        shown = f"{name} {masked(key.decode('latin-1').lower())}"
        yield Part(kind="response_header", name=shown, data=key + b": " + value)
