"""Turns anybody's response object into what is to be searched: status line, headers, URL, body, and each redirect
before it.
"""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import msgspec
from earlid.testing.answers import Answer, answers_of, is_text, raw


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

    `earlid.testing.answers` tells which responses are known. A part is named `name`, or by method and path as `masked`
    shows them.

    Raises:
        TypeError: nothing of it is known. An unread stream raises its own library's error: it is never skipped.
    """
    if isinstance(response, Haystack):
        return response
    if is_text(response):
        return Haystack(parts=(Part(kind="text", name=name, data=raw(response)),))
    return Haystack(parts=tuple(part for answer in answers_of(response) for part in _parts(answer, name, masked)))


def http_parts(
    place: str, *, status: str, headers: Iterable[tuple[str, str]], body: bytes, masked: Callable[[str], str]
) -> Iterator[Part]:
    """The parts of one HTTP answer. `headers` are in order, and repeated ones come as often as they were sent."""
    yield Part(kind="status_line", name=place, data=raw(status))
    for key, value in headers:
        yield Part(kind="response_header", name=f"{place} [{masked(key.lower())}]", data=raw(f"{key}: {value}"))
    yield Part(kind="response_body", name=place, data=body)


def _parts(answer: Answer, name: str, masked: Callable[[str], str]) -> Iterator[Part]:
    if not name and answer.url:
        name = f"{answer.method} {masked(urlsplit(answer.url).path or '/')}"
    if answer.url:
        yield Part(kind="url", name=name, data=raw(answer.url))
    status = f"{answer.status} {answer.reason}"
    yield from http_parts(name, status=status, headers=answer.headers, body=answer.body, masked=masked)
