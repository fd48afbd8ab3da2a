"""One connection to the search. Answers are put down at once; a thread of its own sends many of them in one frame.

A sender that is ended while it waits (as Locust ends its users) has put its answer down: it is sent all the same.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from earlid import protocol

BATCH = 64 * 1024  # bytes of one frame of many answers
_ROOM = 4 * 1024 * 1024  # bytes that wait here to be sent; above it senders wait
_ROWS = 16  # answers of one frame: one search process has a frame to itself, and the others shall have some, too
_ROW = 512  # bytes that an answer counts beside its bodies
_GATHER_S = 0.05  # how long the first answer of a frame waits for others
_ANSWER_S = 600.0  # a search process that says nothing for so long has stalled


@dataclass
class Counts:
    """What a process handed over. `waited_s` is how long senders waited for the search to catch up."""

    sent: int = 0
    bytes: int = 0
    waited_s: float = 0.0
    lost: int = 0
    reasons: list[str] = field(default_factory=list)


class Link:
    """Safe to use from several threads or greenlets. Raises OSError: nothing listens at `address`."""

    def __init__(self, address: str) -> None:
        self._connection = protocol.connect(address, _ANSWER_S)
        self._held: deque[tuple[list[Any], Sequence[bytes]]] = deque()
        self._size = 0  # bytes held, about: several threads may count at once. It begins anew whenever all is sent
        self._done = Counts()
        self._under_way = 0
        self._turn = threading.Lock()  # who has it uses the connection
        self._some, self._full, self._room = threading.Event(), threading.Event(), threading.Event()
        self._some_is_set = self._full_is_set = self._is_closed = False
        self._of_process = 0

    @property
    def counts(self) -> Counts:
        """What was put down counts as sent until it is known to be lost."""
        done = self._done
        return Counts(
            sent=done.sent + self._under_way + len(self._held),
            bytes=done.bytes,
            waited_s=done.waited_s,
            lost=done.lost,
            reasons=list(done.reasons),
        )

    def put(self, row: list[Any], bodies: Sequence[bytes]) -> None:
        """Put an answer down and return. Waits while too much is held: then the search's queue is full."""
        if self._of_process != os.getpid():
            self._begin()
        self._held.append((row, bodies))
        self._size += _ROW
        for body in bodies:
            self._size += len(body)
        if self._size >= BATCH and not self._full_is_set:
            self._full_is_set = True
            self._full.set()
        if not self._some_is_set:
            self._some_is_set = True
            self._some.set()
        if self._size >= _ROOM:
            self._wait_for_room()

    def drain(self) -> None:
        """Wait until all that was put down is sent, or is lost."""
        while (self._held or self._under_way) and not self._is_closed:
            self._room.clear()
            self._full.set()
            self._some.set()
            if self._held or self._under_way:
                self._room.wait(0.2)

    def ask(self, kind: int, wanted: int, head: dict[str, Any], bodies: Sequence[bytes] = ()) -> dict[str, Any]:
        """Send a frame behind all that was put down, and wait for its answer. Raises OSError and BadFrame."""
        self.drain()
        with self._turn:
            protocol.send(self._connection, protocol.pack(kind, head, bodies))
            return protocol.expect(self._connection, wanted)

    def close(self) -> None:
        """Once all is sent."""
        self.drain()
        self._is_closed = True
        self._some.set()
        self._full.set()
        self._connection.close()

    def _begin(self) -> None:
        """In each process anew: a fork copies no thread, and what the parent holds is the parent's."""
        if self._of_process:
            self._held.clear()
            self._size = self._under_way = 0
            self._some_is_set = self._full_is_set = False
        self._of_process = os.getpid()
        threading.Thread(target=self._send_on, name="earlid link", daemon=True).start()

    def _wait_for_room(self) -> None:
        began = time.perf_counter()
        try:
            while self._size >= _ROOM and self._held and not self._is_closed:
                self._room.clear()
                if self._size >= _ROOM and self._held:
                    self._room.wait(1.0)
        finally:
            self._done.waited_s += max(0.0, time.perf_counter() - began - 0.001)

    def _send_on(self) -> None:
        """Send until the link is closed. The only one that sends answers."""
        while not self._is_closed:
            self._some.wait()
            self._full.wait(_GATHER_S)
            self._some.clear()
            self._full.clear()
            self._some_is_set = self._full_is_set = False  # after the events: what is put down meanwhile is sent below
            while self._held:
                with self._turn:
                    self._send_frame()
                self._room.set()

    def _send_frame(self) -> None:
        rows: list[list[Any]] = []
        bodies: list[bytes] = []
        size = 0
        while self._held and size < BATCH and len(rows) < _ROWS:
            self._under_way += 1
            row, more = self._held.popleft()
            rows.append(row)
            bodies += more
            size += _ROW + sum(map(len, more))
        try:
            protocol.send(self._connection, protocol.pack_rows(rows, bodies))
        except (OSError, ValueError, RecursionError) as error:
            self._done.lost += len(rows)
            if len(self._done.reasons) < 8:
                self._done.reasons.append(f"the search process is gone ({type(error).__name__})")
        else:
            self._done.sent += len(rows)
            self._done.bytes += sum(map(len, bodies))
        self._under_way = 0
        self._size = max(0, self._size - size) if self._held else 0
