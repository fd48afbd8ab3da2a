"""Somebody's review app, looked at as one of its users: declared routes, and what they link to."""

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from scenarios.kept.client import Answer, Client, host_of
from scenarios.leaks.sources.network.links import links_in
from scenarios.model.target_file import Review

MOST_PAGES = 2_000
_ENDS = re.compile(r"log-?out|sign-?out|delete|remove|destroy|purge", re.IGNORECASE)
_VARIES = re.compile(r"\d|^[0-9a-fA-F-]{12,}$")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer; `route` is the template of its address."""

    route: str
    status: int
    headers: bytes
    body: bytes
    whole: bool


def pages_of(review: Review, beside: Path) -> Iterator[Page | str]:
    """By GET alone, one after another; a text says what was not seen. Links that end or delete something are not
    followed.

    Raises:
        BadFile: a credential is missing. Unreadable: the login does not let the reader in.
    """
    client = Client({host_of(review.url), *review.hosts}, review.login, beside)
    base = httpx.URL(review.url)
    try:
        waiting = deque((base.join(route), 0) for route in (*review.routes, *_described(client, review, base)))
        seen = {address for address, _ in waiting}
        while waiting:
            address, depth = waiting.popleft()
            answer = client.get(str(address))
            if isinstance(answer, str):
                yield f"GET {template(address)} {answer}"
                continue
            yield _page(address, answer)
            if answer.status >= 400:
                yield f"GET {template(address)} answered {answer.status}"
            if depth >= review.crawl:
                continue
            for link in _links(address, answer):
                if link in seen or (link.host, link.port) != (base.host, base.port) or _ENDS.search(link.path):
                    continue
                if len(seen) >= MOST_PAGES:
                    yield "there are more pages than are looked at"
                    break
                seen.add(link)
                waiting.append((link, depth + 1))
    finally:
        client.close()


def template(address: httpx.URL) -> str:
    """/clips/17/sound -> /clips/{id}/sound: parts with a digit, and long hexadecimal ones, vary. It stays as it is
    encoded, so that no character of it does anything where it is shown."""
    path = address.raw_path.decode("ascii", "replace").partition("?")[0]
    return "/".join("{id}" if _VARIES.search(part) else part for part in path.split("/"))


def _described(client: Client, review: Review, base: httpx.URL) -> list[str]:
    """Routes without parameters that the app's own OpenAPI description has a GET for."""
    if review.openapi is None:
        return []
    answer = client.get(str(base.join(review.openapi)))
    try:
        paths = {} if isinstance(answer, str) else json.loads(answer.body)["paths"]
        return [path for path, ways in paths.items() if "get" in ways and "{" not in path and not _ENDS.search(path)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _links(address: httpx.URL, answer: Answer) -> list[httpx.URL]:
    response = httpx.Response(
        answer.status, headers=_as_read(answer), content=b"", request=httpx.Request("GET", address)
    )
    return list(links_in(response, answer.body))


def _as_read(answer: Answer) -> list[tuple[str, str]]:
    """Without what speaks of a body that was decoded already."""
    return [(n, v) for n, v in answer.headers if n.lower() not in ("content-encoding", "content-length")]


def _page(address: httpx.URL, answer: Answer) -> Page:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers).encode("utf-8", "replace")
    return Page(route=template(address), status=answer.status, headers=headers, body=answer.body, whole=answer.whole)
