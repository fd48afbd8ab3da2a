"""ASGI middleware for tests of anyone's application. It searches everything that the application answers.

    app = LeakMiddleware(app, detector=detector, report=seen.append)

Wrap the whole application. A middleware inside it does not see the error pages made around it. Answers pass unchanged
and at once. Their copy is searched in a thread of its own after the last piece was sent. `report` is called from there
before the application's call returns. `app.covered` says what is looked for and what is left out. An answer with
`searched.notes` was not searched to its end: it proves nothing. Works with asyncio only.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from scenarios.leaks.detector import LeakDetector, Searched
from scenarios.leaks.haystack import Haystack, Part, http_parts
from scenarios.report.shown.covered import block

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]

KEPT = 8 * 1024 * 1024  # bytes of one answer; an endless stream is searched up to there, and that is said
_MESSAGES = 10_000  # of one WebSocket


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `place` is method and route, masked if it holds an identity. `status` is 0 for a WebSocket."""

    place: str
    status: int
    searched: Searched


class LeakMiddleware:
    """The application, watched. `report` gets every answer, with and without findings. `kept` is how many bytes of one
    answer are copied at most.
    """

    def __init__(
        self, app: Asgi, *, detector: LeakDetector, report: Callable[[Answer], object], kept: int = KEPT
    ) -> None:
        self._app, self._detector, self._report, self._kept = app, detector, report, kept
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="leaks")  # a detector serves one thread

    @property
    def covered(self) -> list[str]:
        """Lines for the end of a test run: what is looked for, and what is left out and why."""
        return block(self._detector.fields, self._detector.left_out, ())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        copy = _Copy(self._kept)

        async def copying(message: Message) -> None:
            await send(message)
            copy.take(message)

        try:
            await self._app(scope, receive, copying)
        finally:
            # Shielded: what a visitor who went away had already been sent is searched all the same.
            await asyncio.shield(asyncio.wrap_future(self._worker.submit(self._search, scope, copy)))

    def _search(self, scope: Message, copy: "_Copy") -> None:
        place = f"{scope.get('method', 'WEBSOCKET')} {self._detector.masked(_route(scope))}"
        searched = self._detector.search(copy.haystack(place, self._detector.masked))
        notes = (*searched.notes, *(f"{place}: {note}" for note in copy.notes))
        self._report(Answer(place=place, status=copy.status, searched=msgspec.structs.replace(searched, notes=notes)))


class _Copy:
    """The copy of one answer, as far as there is room."""

    def __init__(self, room: int) -> None:
        self.status = 0
        self.notes: list[str] = []
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._said: list[bytes] = []  # over a WebSocket
        self._room, self._full = room, False

    def take(self, message: Message) -> None:
        """Take one ASGI message. Never raises, whatever it holds."""
        kind = str(message.get("type", ""))
        if kind.endswith("response.start"):
            self.status = int(message.get("status", 0))
        self._headers += [(_text(key), _text(value)) for key, value in message.get("headers") or ()]
        if kind.endswith("response.body"):
            self._body += self._fitting(bytes(message.get("body") or b""))
        elif kind in ("websocket.send", "websocket.close"):
            said = message.get("bytes") or str(message.get("text") or message.get("reason") or "").encode()
            self._said.append(
                self._fitting(bytes(said)) if len(self._said) < _MESSAGES else self._fitting(b"", over=True)
            )
        elif kind in ("http.response.pathsend", "http.response.zerocopysend"):
            self.notes.append("sent by the server from a file, which was not searched")

    def haystack(self, place: str, masked: Callable[[str], str]) -> Haystack:
        status = str(self.status or "")
        parts = list(http_parts(place, status=status, headers=self._headers, body=bytes(self._body), masked=masked))
        whole = b"".join(self._said)  # a value may come in two messages
        parts += [Part(kind="websocket", name=place, data=said) for said in (*self._said, whole) if said]
        return Haystack(parts=tuple(parts))

    def _fitting(self, data: bytes, *, over: bool = False) -> bytes:
        kept = data[: max(self._room, 0)]
        self._room -= len(kept)
        if (over or len(kept) < len(data)) and not self._full:
            self._full = True
            self.notes.append("only the beginning of a long answer was searched")
        return kept


def _route(scope: Message) -> str:
    """The route's template ("/clips/{ref}") if the framework tells it, else the path."""
    return str(getattr(scope.get("route"), "path", None) or scope.get("path") or "/")


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
