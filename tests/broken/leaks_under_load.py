"""A server with six leaks that exist only while several requests are in flight. Says "ready on URL" on stdout.

A request says who asks by the header X-Person, a number. Each route should answer with that person's own name:

| route | fault |
|---|---|
| /session | who asks is kept in one place for all requests |
| /cache | requests in flight share one answer |
| /pool | a connection of the pool still holds the row of who used it before |
| /flood | the error page of an overloaded server shows what else is in flight |
| /limited | the page of the rate limit names who was there last |
| /stopping | a server that stops sends what lies in the buffers of all its answers |

`--locked` serves one request after the other: none of the faults is there then.
"""

import argparse
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gateway.identities import load_identities
from tests.broken.serving import Handler, serve

WORK_S = 0.03


class Faults:
    """Shared by all requests, which is what is wrong with it."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._guard = threading.Lock()
        self._who = 0
        self._flying: dict[str, str] = {}  # the cache
        self._pool: list[dict[str, str]] = [{}, {}]
        self._busy: dict[int, str] = {}
        self._limited = ""
        self._buffers: dict[int, str] = {}

    def session(self, who: int) -> str:
        self._who = who
        time.sleep(WORK_S)
        return self._names[self._who]

    def cache(self, who: int) -> str:
        with self._guard:
            other = self._flying.get("/cache")
            self._flying.setdefault("/cache", self._names[who])
        time.sleep(WORK_S)
        with self._guard:
            self._flying.pop("/cache", None)
        return other or self._names[who]

    def pool(self, who: int) -> str:
        with self._guard:
            connection = self._pool.pop() if self._pool else None
        if connection is None:
            connection = self._shared = getattr(self, "_shared", {})
        connection.setdefault("row", self._names[who])
        time.sleep(WORK_S)
        row = connection["row"]
        with self._guard:
            if connection is not getattr(self, "_shared", None):
                connection.clear()
                self._pool.append(connection)
        return row

    def flood(self, who: int) -> str:
        me = threading.get_ident()
        self._busy[me] = self._names[who]
        time.sleep(WORK_S)
        told = " ".join(self._busy.copy().values()) if len(self._busy) > 4 else self._names[who]
        self._busy.pop(me, None)
        return told

    def limited(self, who: int) -> str:
        with self._guard:
            before, self._limited = self._limited, self._names[who]
        time.sleep(WORK_S)
        with self._guard:
            self._limited = "" if self._limited == self._names[who] else self._limited
        return f"Too many requests; the last was by {before}" if before else self._names[who]

    def stopping(self, who: int) -> str:
        me = threading.get_ident()
        self._buffers[me] = self._names[who]
        time.sleep(WORK_S)
        told = "".join(self._buffers.copy().values())
        self._buffers.pop(me, None)
        return told


def serve_faults(names: list[str], *, locked: bool) -> None:
    faults, turn = Faults(names), threading.Lock()
    routes: dict[str, Callable[[int], str]] = {
        f"/{name}": getattr(faults, name) for name in ("session", "cache", "pool", "flood", "limited", "stopping")
    }

    class OneName(Handler):
        def get(self) -> None:
            who = int(self.headers.get("X-Person") or 0)
            route = routes.get(self.path)
            if locked:
                with turn:
                    told = route(who) if route else "nothing"
            else:
                told = route(who) if route else "nothing"
            self.answer(200, {}, f"<p>{told}</p>".encode())

    serve(OneName)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("identities", type=Path)
    parser.add_argument("--locked", action="store_true")
    given = parser.parse_args()
    serve_faults(
        [str(home.members[0].name) for home in load_identities(given.identities).households], locked=given.locked
    )
