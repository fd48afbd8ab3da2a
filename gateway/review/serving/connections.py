"""Limits connections: how long a request may take to arrive, and how many connections an address may hold.

uvicorn limits idle connections only. A client that sends a byte now and then, or does not read its answer, would hold
its connection for ever.
"""

import asyncio
import ipaddress
import select
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from gateway.listen import Http

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for the header of a request and for a client that takes nothing of an answer; connections at once.

    The body's time is bounded in `security.SecurityMiddleware`, which can still answer it.
    """

    header_s: float = 10.0
    stalled_s: float = 20.0
    of_an_address: int = 256
    in_all: int = 2_000


class Connections:
    """All open connections, the oldest first. `spared` are networks of proxies, where many people share one address.

    `told` is called with the number whenever it changes.
    """

    def __init__(
        self, bounds: Bounds, spared: Sequence[Network] = (), told: Callable[[int], None] = lambda _many: None
    ) -> None:
        self.bounds, self._spared, self._told = bounds, spared, told
        self._open: dict[BoundedHttp, str] = {}
        self._count: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, new: "BoundedHttp", address: str) -> bool:
        """Whether a connection may stay. An idle or incomplete one makes room for it. A request in work never does."""
        full = len(self._open) >= self.bounds.in_all
        if self._count.get(address, 0) >= self.bounds.of_an_address and not self._is_spared(address):
            full, of = True, [each for each, its in self._open.items() if its == address]
        else:
            of = list(self._open) if full else []
        if full:
            waiting = [each for each in of if each.is_waiting]
            idle = next((each for each in waiting if not each.has_unread), waiting[0] if waiting else None)
            if idle is None:
                return False
            idle.drop()
        self._open[new] = address
        self._count[address] = self._count.get(address, 0) + 1
        self._told(len(self._open))
        return True

    def leave(self, gone: "BoundedHttp") -> None:
        address = self._open.pop(gone, None)
        if address is None:
            return
        self._count[address] -= 1
        if not self._count[address]:
            del self._count[address]
        self._told(len(self._open))

    def _is_spared(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self._spared)
        except ValueError:
            return False


class BoundedHttp(H11Protocol):
    """uvicorn's connection with deadlines. uvicorn takes another protocol only as a class of this shape."""

    def __init__(self, known: Connections, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._known = known
        self._header: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether no request of it is in work: it is idle, or has not sent a whole header."""
        now = cast(RequestResponseCycle | None, self.cycle)
        return now is None or now.response_complete

    @property
    def has_unread(self) -> bool:
        """Whether the client has sent something that nobody has read yet: it is not idle, whatever a timer says."""
        made = self.transport.get_extra_info("socket")
        if made is None or made.fileno() < 0:
            return False
        asked = select.poll()
        asked.register(made.fileno(), select.POLLIN)
        return bool(asked.poll(0))

    def timeout_keep_alive_handler(self) -> None:
        """A busy loop may come to this late. A request that arrived meanwhile would be lost with its connection."""
        if not self.has_unread:
            super().timeout_keep_alive_handler()

    def drop(self) -> None:
        """Close at once."""
        self._known.leave(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._known.admit(self, self.client[0] if self.client else "-"):
            transport.abort()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._known.leave(self)
        for timer in (self._header, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._known.bounds.stalled_s, self.drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _watch(self) -> None:
        """One timer from the end of an answer to the end of the next header. Single bytes do not extend it."""
        if self.is_waiting and self._header is None:
            self._header = self.loop.call_later(self._known.bounds.header_s, self.drop)
        elif not self.is_waiting and self._header is not None:
            self._header.cancel()
            self._header = None


def bounded_http(known: Connections) -> Http:
    return partial(BoundedHttp, known)
