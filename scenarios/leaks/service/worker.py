"""A worker of the search. It reads exchanges into a bounded queue and searches them one after another."""

import os
import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from earlid import protocol

from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.service.search import ExchangeSearch, Result
from scenarios.leaks.service.totals import stamped

QUEUE_BYTES = 64 * 1024 * 1024  # waiting exchanges; above it nothing is read and senders wait


class _Waiting:
    """A queue bounded by bytes. `put` waits while it is full. An empty queue takes a frame of any size."""

    def __init__(self, room: int) -> None:
        self._room, self._held = room, 0
        self._frames: deque[tuple[int, Any]] = deque()
        self._changed = threading.Condition()

    def put(self, size: int, frame: Any) -> None:
        with self._changed:
            while self._held and self._held + size > self._room:
                self._changed.wait()
            self._frames.append((size, frame))
            self._held += size
            self._changed.notify_all()

    def get(self) -> Any:
        with self._changed:
            while not self._frames:
                self._changed.wait()
            size, frame = self._frames.popleft()
            self._held -= size
            self._changed.notify_all()
            return frame

    def __len__(self) -> int:
        return len(self._frames)


class SearchWorker:
    """Serves `listener` until the process ends. Over the socket `control` the parent asks for reports."""

    def __init__(
        self, detector: LeakDetector, listener: socket.socket, control: socket.socket, *, spool: Path | None, role: str
    ) -> None:
        self._search = ExchangeSearch(detector, role=role)
        self._listener, self._control = listener, control
        self._spool = os.open(spool, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if spool else None
        self._waiting = _Waiting(QUEUE_BYTES)
        self._received = self._searched = self._open = self._broken = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        """Serve for ever."""
        threading.Thread(target=self._accept, name="accept", daemon=True).start()
        threading.Thread(target=self._report, name="report", daemon=True).start()
        while True:
            connection, kind, head, rest = self._waiting.get()
            if kind == protocol.FLUSH:
                self._answer(connection, protocol.COUNTS, {"received": head["received"], "searched": head["received"]})
            else:
                result = self._one(head, rest)
                self._searched += 1
                if head.get("reply"):
                    self._answer(connection, protocol.RESULT, _told(result))

    def _one(self, head: dict[str, Any], rest: memoryview) -> Result | None:
        bodies, at = [], 0
        for kind, size in head.get("bodies") or ():
            bodies.append((str(kind), bytes(rest[at : at + int(size)])))
            at += int(size)
        result = self._search.search(head, bodies)
        if result is not None and self._spool is not None:
            os.write(self._spool, stamped(result.line))
        return result

    def _accept(self) -> None:
        while True:
            select.select([self._listener], [], [])
            with self._lock:  # a connection is waiting or open at any moment at which somebody asks
                connection, _address = self._listener.accept()
                self._open += 1
            threading.Thread(target=self._read, args=(connection,), name="read", daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        """Read the frames of one connection in order. A connection that ends inside a frame is counted as broken."""
        received = 0
        try:
            while (frame := protocol.receive(connection)) is not None:
                kind, head, rest = frame
                if kind == protocol.EXCHANGE:
                    received += 1
                    with self._lock:
                        self._received += 1
                elif kind == protocol.FLUSH:
                    head = {"received": received}
                else:
                    raise protocol.BadFrame("not a frame of a client")
                self._waiting.put(len(rest) + 1_024, (connection, kind, head, rest))
        except (OSError, protocol.BadFrame):
            with self._lock:
                self._broken += 1
        finally:
            with self._lock:
                self._open -= 1

    def _report(self) -> None:
        """Answer the parent's questions. End the process when the parent has ended."""
        with suppress(OSError, protocol.BadFrame):
            while protocol.receive(self._control) is not None:
                protocol.send(self._control, protocol.pack(protocol.COUNTS, self.counts()))
        os._exit(0)

    def counts(self) -> dict[str, Any]:
        """How far this worker is. `searched` never counts an exchange that is not in `totals` yet.

        `open` counts a connection that nobody has accepted yet, too: it may hold exchanges.
        """
        with self._lock:
            at_the_door = bool(select.select([self._listener], [], [], 0)[0])
            head: dict[str, Any] = {"open": self._open + at_the_door, "broken": self._broken}
            head["received"] = self._received
        head |= {"searched": self._searched, "waiting": len(self._waiting)}
        return head | {"totals": self._search.totals.to_builtins(), "cpu_s": time.process_time()}

    def _answer(self, connection: socket.socket, kind: int, head: dict[str, Any]) -> None:
        with suppress(OSError):  # the client did not wait for its answer
            protocol.send(connection, protocol.pack(kind, head))


def _told(result: Result | None) -> dict[str, Any]:
    if result is None:
        return {"findings": [], "notes": [], "bytes": 0}
    return {"findings": result.line.get("findings", []), "notes": list(result.notes), "bytes": result.bytes}
