"""One request and its answer, as the search process takes it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One answer of the system under test.

    `name` is the request's name in a report, such as "/clips/{ref}"; it may hold anything, the search process masks it.
    `head` holds the status lines and header lines of every hop as ("status_line", text) and ("header", "key: value").
    `urls` are all addresses asked. `bodies` are (kind, bytes): "response_body", "redirect_body", "websocket", "event".
    `context` says who asked: `role`, `person`, `clip_ref`, and `may_see`, the households whose data is that person's.
    `unsearched` says why a body is missing. `part` counts the pieces of a stream from 1; they belong to an answer that
    was handed over with `part` 0 and no body.
    """

    method: str = "GET"
    name: str = ""
    status: int = 0
    ms: float = 0.0
    urls: Sequence[str] = ()
    head: Sequence[tuple[str, str]] = ()
    bodies: Sequence[tuple[str, bytes]] = ()
    context: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    control: dict[str, str] = {}  # noqa: RUF012 (a planted leak: its name, field and client)
    unsearched: str = ""
    part: int = 0


def header_lines(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header pairs as lines of `Exchange.head`."""
    return [("header", f"{key}: {value}") for key, value in headers]
