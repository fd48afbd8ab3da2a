"""Connections that this process opens and no watch reads: raw sockets, and clients that Earlid does not know.

A client that is watched opens its connections inside `known()`. Any other stream connection is noted with its address.
Libraries that open sockets without Python's `socket` (gRPC, uvloop, database drivers in C) are not seen.

An audit hook of Python would see a little more. But Python then calls it for each `id()` and many another thing: nine
times for a request of FastHttpUser and 25 times for one of HttpUser, 1.7 us each.
"""

import functools
import socket
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Note = Callable[[Any, Any], None]  # of a socket and an address
_KNOWN: ContextVar[bool] = ContextVar("a watched client opens a connection", default=False)
_MOST = 20  # addresses that are named


class known:  # noqa: N801 (used as a function; a generator would cost each request ten times as much)
    """Connections of this block belong to a client whose answers are searched, or to Earlid itself."""

    __slots__ = ("_is_watched", "_token")

    def __init__(self, is_watched: bool = True) -> None:
        self._is_watched = is_watched

    def __enter__(self) -> None:
        self._token = _KNOWN.set(self._is_watched or _KNOWN.get())

    def __exit__(self, *_error: object) -> None:
        _KNOWN.reset(self._token)


def is_known() -> bool:
    """Whether a watched client is at work here."""
    return _KNOWN.get()


class Unwatched:
    """`addresses` are those that were connected to outside of `known()`, as "host:port" or the path of a socket."""

    def __init__(self) -> None:
        self.addresses: dict[str, None] = {}
        self._allowed: set[str] = set()

    def allow(self, host: str, port: int) -> None:
        """Answers from there reach the search by another way. Raises OSError: the host is not known."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        self._allowed |= {_name_of(address) for *_kind, address in found}

    def note(self, made: Any, address: Any) -> None:
        """The socket `made` is about to connect to `address`. Raises nothing."""
        if _KNOWN.get() or getattr(made, "type", socket.SOCK_STREAM) == socket.SOCK_DGRAM:
            return
        name = _name_of(address)
        if name not in self._allowed and len(self.addresses) < _MOST:
            self.addresses[name] = None


def _name_of(address: Any) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        return f"{address[0]}:{address[1]}"
    return "a socket on this machine"


UNWATCHED = Unwatched()  # of this process: classes stay replaced for its whole life


def watch_connections(note: Note = UNWATCHED.note) -> None:
    """Note connections from now on. Replaces methods of classes of sockets: call it once a process, after gevent has
    put its own class in place of Python's.
    """
    kinds: list[Any] = [socket.socket]
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None:  # what was imported before gevent has the other class
        kinds.append(monkey.get_original("socket", "socket"))
    for kind in dict.fromkeys(kinds):
        for name in ("connect", "connect_ex"):
            setattr(kind, name, _noting(getattr(kind, name), note))


def _noting(connect: Any, note: Note) -> Any:
    @functools.wraps(connect)
    def noting(self: Any, address: Any) -> Any:
        note(self, address)
        return connect(self, address)

    return noting
