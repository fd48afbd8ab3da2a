"""The process that receives: it takes what clients send into the backlog, and gives it to the workers one by one.

It looks into no exchange. A search that computes in the same process would let no thread read meanwhile.
"""

import os
import select
import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from earlid import protocol
from earlid.sending.incoming import Incoming

from scenarios.leaks.service.backlog import Backlog, Chunk

TASK = struct.Struct(">IIQ")  # to a worker: number of the connection, exchanges, bytes; then the frames
DONE = struct.Struct(">IQ")  # from a worker: exchanges, bytes; then frames for that connection


class _Sender:
    """A client's connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = self.searched = 0
        self.is_gone = False
        self.changed = threading.Condition()


class Keeper:
    """Serves `listener` until the process ends. Over the socket `control` the parent asks for reports."""

    def __init__(
        self, listener: socket.socket, control: socket.socket, workers: Sequence[socket.socket], backlog: Backlog
    ) -> None:
        self._listener, self._control, self._workers, self._backlog = listener, control, workers, backlog
        self._senders: dict[int, _Sender] = {}
        self._received = self._open = self._broken = self._met = 0
        self._at_work = len(workers)
        self._lock = threading.Lock()

    def run(self) -> None:
        """Serve for ever: until the parent has ended, or no worker is left."""
        threading.Thread(target=self._accept, name="accept", daemon=True).start()
        for worker in self._workers:
            threading.Thread(target=self._feed, args=(worker,), name="feed", daemon=True).start()
        with suppress(OSError, protocol.BadFrame):
            while protocol.receive(self._control) is not None:
                protocol.send(self._control, protocol.pack(protocol.COUNTS, self.counts()))
        os._exit(0)

    def counts(self) -> dict[str, Any]:
        """How far receiving is. `open` counts a connection that nobody has accepted yet, too: it may hold exchanges."""
        with self._lock:
            at_the_door = bool(select.select([self._listener], [], [], 0)[0])
            head: dict[str, Any] = {"open": self._open + at_the_door, "broken": self._broken}
            head["received"] = self._received
        backlog = self._backlog
        return head | {
            "backlog": backlog.held,
            "most_backlog": backlog.most,
            "most_on_disk": backlog.most_on_disk,
            "disk_refused": backlog.disk_refused,
        }

    def _accept(self) -> None:
        while True:
            select.select([self._listener], [], [])
            with self._lock:  # a connection is waiting or open at any moment at which somebody asks
                connection, _address = self._listener.accept()
                self._open += 1
                self._met += 1
                number = self._met
                self._senders[number] = _Sender(connection)
            threading.Thread(target=self._read, args=(number,), name="read", daemon=True).start()

    def _read(self, number: int) -> None:
        """Read one connection in order. One that ends inside a frame is counted as broken."""
        sender = self._senders[number]
        incoming = Incoming(sender.connection)
        try:
            while frames := incoming.read():
                for kind, count, data in frames:
                    self._take(number, sender, kind, count, data)
        except (OSError, protocol.BadFrame):
            with self._lock:
                self._broken += 1
        finally:
            with self._lock:
                self._open -= 1
                sender.is_gone = True
                self._forget(number, sender)

    def _forget(self, number: int, sender: _Sender) -> None:
        """Let go of a connection that is closed and has nothing that waits. Its counts stand in the totals."""
        if sender.is_gone and sender.searched >= sender.received and self._senders.pop(number, None) is not None:
            sender.connection.close()

    def _take(self, number: int, sender: _Sender, kind: int, count: int, data: bytes) -> None:
        if kind == protocol.EXCHANGE:
            with self._lock:
                self._received += count
            sender.received += count
            self._backlog.put(Chunk(number, count, data))
        elif kind == protocol.FLUSH:
            with sender.changed:
                sender.changed.wait_for(lambda: sender.searched >= sender.received)
            told = {"received": sender.received, "searched": sender.searched}
            protocol.send(sender.connection, protocol.pack(protocol.COUNTS, told))
        else:
            raise protocol.BadFrame("not a frame of a client")

    def _feed(self, worker: socket.socket) -> None:
        """Give one worker a chunk at a time. What a worker had when it ended is in no count of what was searched."""
        try:
            while True:
                chunk = self._backlog.get()
                worker.sendall(TASK.pack(chunk.connection, chunk.exchanges, len(chunk.data)))
                worker.sendall(chunk.data)
                count, size = DONE.unpack(protocol.exactly(worker, DONE.size))
                self._is_done(chunk.connection, count, bytes(protocol.exactly(worker, size)) if size else b"")
        except (OSError, protocol.BadFrame):
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    os._exit(1)  # nobody searches any more: senders shall not wait
        except Exception:  # the disk lost what it was given
            os._exit(1)

    def _is_done(self, number: int, count: int, answers: bytes) -> None:
        sender = self._senders[number]
        if answers:
            with suppress(OSError):  # the client did not wait for its answer
                sender.connection.sendall(answers)
        with sender.changed:
            sender.searched += count
            sender.changed.notify_all()
        with self._lock:
            self._forget(number, sender)
