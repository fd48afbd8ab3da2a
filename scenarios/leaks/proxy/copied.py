"""One exchange as it passes through the proxy, handed to the search without holding up other connections."""

import asyncio
from typing import Any

from earlid import Exchange, SearchClient
from earlid.copies.streams import StreamCopy


class Copied:
    """The answer of one request. `control` is a planted leak."""

    def __init__(
        self, search: SearchClient, *, method: str, name: str, context: dict[str, Any], control: dict[str, str]
    ) -> None:
        self._search, self._context, self._control = search, context, control
        self._method, self._name = method, name
        self._ready: list[Exchange] = []
        self._copy = StreamCopy(self._piece)
        self._head: dict[str, Any] = {}
        self._held: list[tuple[bytes, str]] = []

    async def begins(self, status: int, reason: str, headers: list[tuple[str, str]], *, ms: float, url: str) -> None:
        lines = [("status_line", f"{status} {reason}"), *(("header", f"{key}: {value}") for key, value in headers)]
        known = {key.lower(): value for key, value in headers}
        self._copy = StreamCopy(
            self._piece,
            content_type=known.get("content-type", ""),
            encoding=known.get("content-encoding", ""),
        )
        if not self._control:
            self._ready.append(self._exchange(status=status, ms=ms, urls=(url,), head=lines))
        self._head = {"status": status, "ms": ms, "urls": (url,), "head": lines}
        await self._hand_over()

    async def body(self, data: bytes) -> None:
        self._copy.take(data)
        self._copy.pass_on()
        await self._hand_over()

    async def ends(self, *, whole: bool) -> None:
        self._copy.end()
        if not whole:
            self._ready.append(self._exchange(status=200, unsearched="broke off", part=1))
        if self._control:
            bodies = tuple(("response_body", piece) for piece, _why in self._held)
            self._ready.append(self._exchange(**self._head, bodies=bodies))
        await self._hand_over()

    async def message(self, data: bytes) -> None:
        """One message of a WebSocket."""
        self._ready.append(self._exchange(status=101, bodies=(("websocket", data),), part=1))
        await self._hand_over()

    async def not_searched(self, why: str) -> None:
        self._ready.append(self._exchange(status=101, unsearched=why, part=1))
        await self._hand_over()

    async def unanswered(self, ms: float) -> None:
        self._ready.append(self._exchange(ms=ms))
        await self._hand_over()

    def _piece(self, piece: bytes, part: int, why: str) -> None:
        if self._control:
            self._held.append((piece, why))
        else:
            body = (("response_body", piece),)
            self._ready.append(self._exchange(status=200, bodies=body, part=part, unsearched=why))

    def _exchange(self, **more: Any) -> Exchange:
        return Exchange(method=self._method, name=self._name, context=self._context, control=self._control, **more)

    async def _hand_over(self) -> None:
        ready, self._ready = self._ready, []
        for exchange in ready:
            await asyncio.to_thread(self._search.send, exchange)
