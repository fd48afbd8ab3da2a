"""One connection to the search. Answers are put down at once, and many of them leave in one system call.

Who puts down the answer that makes a batch full writes what the socket takes at that moment. The rest, and what was put
down since, is sent by a thread of its own. A sender that is ended while it waits (as Locust ends its users) has put its
answer down: it is sent all the same. Nobody is ended inside a frame: only that thread waits while it writes one.

A large body goes into memory that is shared with the search, where there is such memory and room in it. Else the socket
carries it, and whoever sends waits while the socket takes nothing.
"""

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from earlid import protocol
from earlid.sending.shared import WORTH, Placed, SharedRoom

Row = list[Any] | Callable[[], list[Any]]
BATCH = 64 * 1024  # bytes that are written at once
_ROOM_OF_SOCKET = 4 * 1024 * 1024  # bytes that are asked for; the system gives what it allows
_PIECES = 512  # of one system call; Linux takes 1,024
_ROOM = 4 * 1024 * 1024  # bytes that wait here to be sent; above it senders wait
_ROWS = 16  # answers of one frame: one search process has a frame to itself, and the others shall have some, too
_ROW = 512  # bytes that an answer counts beside its bodies
_GATHER_S = 0.05  # how long the first answer of a frame waits for others
_SHARED = 32  # bytes of shared memory that count as one of the socket
_ANSWER_S = 600.0  # a search process that says nothing for so long has stalled


@dataclass
class Counts:
    """What a process handed over. `waited_s` is how long senders waited for the search to catch up."""

    sent: int = 0
    bytes: int = 0
    waited_s: float = 0.0
    lost: int = 0
    reasons: list[str] = field(default_factory=list)


class _Frames:
    """Frames that are being written. `pieces` is what the socket has not taken yet."""

    def __init__(self) -> None:
        self.pieces: deque[bytes | memoryview] = deque()
        self.rows = self.size = self.bytes = 0

    def took(self, count: int) -> None:
        """The socket took so many bytes."""
        while count:
            piece = self.pieces.popleft()
            if count < len(piece):
                self.pieces.appendleft(memoryview(piece)[count:])
                return
            count -= len(piece)


class Link:
    """Safe to use from several threads or greenlets. With `shared`, large bodies go through shared memory.

    Raises:
        OSError: nothing listens at `address`.
    """

    def __init__(self, address: str, *, shared: bool = False) -> None:
        self._connection = protocol.connect(address, _ANSWER_S)
        self._connection.settimeout(_ANSWER_S)  # makes its descriptor one that never waits
        with suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_OF_SOCKET)
        self._shared = _share(self._connection) if shared else None
        self._placing = threading.Lock()  # who has it places, and puts down what it placed: both in one order
        self._held: deque[tuple[Row, Sequence[bytes | Placed]]] = deque()
        self._size = 0  # bytes held, about: several threads may count at once. It begins anew whenever all is sent
        self._done = Counts()
        self._frames: _Frames | None = None  # what is being written
        self._turn = threading.Lock()  # who has it uses the connection
        self._some, self._full, self._room = threading.Event(), threading.Event(), threading.Event()
        self._some_is_set = self._is_closed = False
        self._of_process = 0

    @property
    def counts(self) -> Counts:
        """What was put down counts as sent until it is known to be lost."""
        done, frames = self._done, self._frames
        return Counts(
            sent=done.sent + (frames.rows if frames else 0) + len(self._held),
            bytes=done.bytes,
            waited_s=done.waited_s,
            lost=done.lost,
            reasons=list(done.reasons),
        )

    def put(self, row: Row, bodies: Sequence[bytes]) -> None:
        """Put an answer down and return. Waits while too much is held: then the search's queue is full.

        A `row` may be a function that makes it: it is called when the answer is sent.
        """
        if self._of_process != os.getpid():
            self._begin()
        size = sum(map(len, bodies))
        if self._shared is not None and size >= WORTH and self._placing.acquire(blocking=False):
            try:
                placed = [self._placed(body) for body in bodies]
                self._held.append((row, placed))
                size = sum(map(_weight, placed))
            finally:
                self._placing.release()
        else:
            self._held.append((row, bodies))
        self._size += _ROW + size
        if self._size >= BATCH:
            self._push()
            if self._size >= _ROOM:
                self._wait_for_room()
        elif not self._some_is_set:
            self._some_is_set = True
            self._some.set()

    def drain(self) -> None:
        """Wait until all that was put down is sent, or is lost."""
        while (self._held or self._frames) and not self._is_closed:
            self._room.clear()
            self._full.set()
            self._some.set()
            if self._held or self._frames:
                self._room.wait(0.2)

    def ask(self, kind: int, wanted: int, head: dict[str, Any], bodies: Sequence[bytes] = ()) -> dict[str, Any]:
        """Send a frame behind all that was put down, and wait for its answer. Raises OSError and BadFrame."""
        while True:
            self.drain()
            with self._turn:
                if self._frames is None or self._is_closed:  # else somebody began to write meanwhile
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
            self._size, self._frames, self._some_is_set, self._shared = 0, None, False, None
        self._of_process = os.getpid()
        threading.Thread(target=self._send_on, name="earlid link", daemon=True).start()

    def _placed(self, body: bytes) -> bytes | Placed:
        """Where it stands in shared memory, or the body itself: it is small, or there is no room."""
        return (self._shared.place(body) if self._shared and len(body) >= WORTH else None) or body

    def _wait_for_room(self) -> None:
        began = time.perf_counter()
        try:
            while self._size >= _ROOM and self._held and not self._is_closed:
                self._room.clear()
                if self._size >= _ROOM and self._held:
                    self._room.wait(1.0)
        finally:
            self._done.waited_s += max(0.0, time.perf_counter() - began - 0.001)

    def _push(self) -> None:
        """Write what the socket takes at once. Whoever else uses it sends the rest. Never waits."""
        if self._turn.acquire(blocking=False):
            try:
                frames = self._frames = self._frames or self._next()
                if frames is not None:
                    frames.took(os.writev(self._connection.fileno(), list(islice(frames.pieces, _PIECES))))
                    if not frames.pieces:
                        self._sent(frames)
                        return
            except BlockingIOError:
                pass
            except OSError as error:
                self._lose(error)
                return
            finally:
                self._turn.release()
        self._full.set()
        self._some.set()

    def _send_on(self) -> None:
        """Send until the link is closed. The only one that waits for the socket."""
        while not self._is_closed:
            self._some.wait()
            self._full.wait(_GATHER_S)
            self._some.clear()
            self._full.clear()
            self._some_is_set = False  # after the events: what is put down meanwhile is sent below
            while self._held or self._frames:
                with self._turn:
                    self._send_frames()

    def _send_frames(self) -> None:
        frames = self._frames = self._frames or self._next()
        if frames is None:
            return
        try:
            protocol.send(self._connection, frames.pieces)
        except OSError as error:
            self._lose(error)
        else:
            self._sent(frames)

    def _next(self) -> _Frames | None:
        """Frames of what is held, as many as go in one batch. What no frame can hold is lost."""
        frames = self._frames = _Frames()  # from here on what is taken counts as under way
        while self._held and frames.size < BATCH:
            rows: list[list[Any]] = []
            bodies: list[bytes | Placed] = []
            while self._held and frames.size < BATCH and len(rows) < _ROWS:
                frames.rows += 1
                row, more = self._held.popleft()
                frames.size += _ROW + sum(map(_weight, more))
                try:
                    rows.append(row() if callable(row) else row)
                except Exception as error:  # it is not known what a client's answer is made of
                    self._cannot(frames, 1, error)
                else:
                    bodies += more
            try:
                frames.pieces += protocol.pack_rows(rows, bodies) if rows else ()
            except (ValueError, RecursionError) as error:
                self._cannot(frames, len(rows), error)
            else:
                frames.bytes += sum(map(len, bodies))
        self._size = max(0, self._size - frames.size) if self._held else 0
        if not frames.rows:
            self._frames = None
            self._room.set()
        return self._frames

    def _cannot(self, frames: _Frames, count: int, error: Exception) -> None:
        frames.rows -= count
        self._count_lost(count, f"an answer could not be written down ({type(error).__name__})")

    def _sent(self, frames: _Frames) -> None:
        self._done.sent += frames.rows
        self._done.bytes += frames.bytes
        self._frames = None
        self._room.set()

    def _lose(self, error: OSError) -> None:
        if self._frames is not None:
            self._count_lost(self._frames.rows, f"the search process is gone ({type(error).__name__})")
        self._frames = None
        self._room.set()

    def _count_lost(self, count: int, why: str) -> None:
        self._done.lost += count
        if len(self._done.reasons) < 8:
            self._done.reasons.append(why)


def _weight(body: bytes | Placed) -> int:
    return len(body) // _SHARED if isinstance(body, Placed) else len(body)


def _share(connection: socket.socket) -> SharedRoom | None:
    """Memory that the search at the other end shares from now on. None: it is elsewhere, or the system has none."""
    if connection.family != socket.AF_UNIX:
        return None
    try:
        room = SharedRoom()
    except OSError:
        return None
    try:
        socket.send_fds(connection, protocol.pack(protocol.SHARED, {}), [room.descriptor])
    finally:
        room.let_go()
    return room
