"""Connections that this process opens and no watch reads: raw sockets, and clients that Earlid does not know.

A client that is watched opens its connections inside `known()`. Any other stream connection is noted with its address.
Libraries that open sockets without Python (gRPC, database drivers in C) are not seen.
"""

import socket
import sys
from contextvars import ContextVar
from typing import Any

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

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook of Python. It raises nothing."""
        if event != "socket.connect" or _KNOWN.get():
            return
        made, address = arguments
        if getattr(made, "type", socket.SOCK_STREAM) == socket.SOCK_DGRAM:
            return
        name = _name_of(address)
        if name not in self._allowed and len(self.addresses) < _MOST:
            self.addresses[name] = None


def _name_of(address: Any) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        return f"{address[0]}:{address[1]}"
    return "a socket on this machine"


UNWATCHED = Unwatched()  # of this process: an audit hook stays for its whole life


def watch_connections() -> None:
    """Note connections from now on. Call it once a process."""
    sys.addaudithook(UNWATCHED.note)
