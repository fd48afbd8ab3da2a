"""Hands exchanges to the search process. What it costs the caller is one copy of the answer into a socket."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from earlid import protocol
from earlid.exchange import Exchange

Others = Sequence[Mapping[str, Any]]
_ANSWER_S = 600.0  # a search process that says nothing for so long has stalled


class SearchLost(RuntimeError):
    """The search process is gone or has stalled: nothing can be said of what it was handed."""


@dataclass
class Counts:
    """What this process handed over. `waited_s` is how long senders waited for the search to catch up."""

    sent: int = 0
    bytes: int = 0
    waited_s: float = 0.0
    lost: int = 0
    reasons: list[str] = field(default_factory=list)


class SearchClient:
    """Connections to every worker of one search process. Safe to use from several threads or greenlets.

    Answers of one kind go to one worker, so that an answer that comes again is not searched again.

    Raises:
        OSError: from the constructor, when nothing listens at `address`.
        SearchLost: from the constructor, when what listens there is no search process.
    """

    def __init__(self, address: str) -> None:
        self.counts = Counts()
        with protocol.connect(address, 60) as door:
            told = _receive(door, protocol.WORKERS)
        self.address = address
        self.households, self.needles = int(told["households"]), int(told["needles"])
        self.controls_url = str(told["controls"])
        self.search_id, self.identities, self.version = (
            str(told[name]) for name in ("search", "identities", "version")
        )
        self._links = [_Link(worker, self._count_lost) for worker in told["workers"]]

    def send(self, exchange: Exchange) -> None:
        """Hand an exchange over and return. Waits while the search is behind; never drops one in silence.

        A search process that is gone counts as `lost`; it never breaks the caller's own work.
        """
        began = time.perf_counter()
        try:
            self._link_for(exchange).send(_head(exchange), [data for _kind, data in exchange.bodies])
        except OSError as error:
            self._count_lost(error)
            return
        except BaseException:  # the sender is ended while it waits; its link sends the rest
            self._count_sent(exchange, began)
            raise
        self._count_sent(exchange, began)

    def _count_sent(self, exchange: Exchange, began: float) -> None:
        self.counts.sent += 1
        self.counts.bytes += sum(len(data) for _kind, data in exchange.bodies)
        self.counts.waited_s += max(0.0, time.perf_counter() - began - 0.001)

    def _count_lost(self, error: OSError) -> None:
        self.counts.lost += 1
        if len(self.counts.reasons) < 8:
            self.counts.reasons.append(f"the search process is gone ({type(error).__name__})")

    def search(self, exchange: Exchange) -> dict[str, Any]:
        """Hand an exchange over and wait for what was found: `findings`, `notes`, `bytes`.

        Raises:
            SearchLost: no answer.
        """
        try:
            return self._link_for(exchange).ask(
                protocol.EXCHANGE, protocol.RESULT, {**_head(exchange), "reply": True}, [d for _k, d in exchange.bodies]
            )
        except OSError as error:
            raise SearchLost(f"the search process is gone ({type(error).__name__})") from None

    def flush(self) -> dict[str, int]:
        """Wait until everything that was sent is searched: `received` and `searched` over all connections.

        Raises:
            SearchLost: a worker is gone.
        """
        total = {"received": 0, "searched": 0}
        for link in self._links:
            try:
                told = link.ask(protocol.FLUSH, protocol.COUNTS, {}, [])
            except OSError as error:
                raise SearchLost(f"the search process is gone ({type(error).__name__})") from None
            for name in total:
                total[name] += int(told[name])
        return total

    def end(self, quiet_s: float = 30.0, others: Others = ()) -> dict[str, Any]:
        """Close this client, wait until every other client has closed too, and get the counts of all of them.

        `others` are counts that other searches gave. They are added.

        Raises:
            SearchLost: no answer.
        """
        self.close()
        return self._ask_all(protocol.END, {"quiet_s": quiet_s, "others": others})

    def run(self, sent: int, quiet_s: float = 30.0, others: Others = ()) -> dict[str, Any]:
        """Wait until `sent` exchanges of all clients are searched, and get the counts since the last such call.

        Raises:
            SearchLost: no answer.
        """
        return self._ask_all(protocol.RUN, {"sent": sent, "quiet_s": quiet_s, "others": others})

    def now(self, others: Others = ()) -> dict[str, Any]:
        """The counts since the last `run`, as they stand.

        Raises:
            SearchLost: no answer.
        """
        return self._ask_all(protocol.NOW, {"others": others})

    def close(self) -> None:
        for link in self._links:
            link.close()

    def shown(self, names: Sequence[str]) -> list[str]:
        """Request names as a report may show them: without numbers, tokens and identities.

        Raises:
            SearchLost: no answer.
        """
        return [str(name) for name in self._ask_all(protocol.NAMES, {"names": list(names)})["names"]]

    def _ask_all(self, kind: int, head: dict[str, Any]) -> dict[str, Any]:
        try:
            with protocol.connect(self.address, 60) as door:
                _receive(door, protocol.WORKERS)
                door.settimeout(_ANSWER_S)
                protocol.send(door, protocol.pack(kind, head))
                return _receive(door, protocol.COUNTS)
        except OSError as error:
            raise SearchLost(f"the search process is gone ({type(error).__name__})") from None

    def _link_for(self, exchange: Exchange) -> "_Link":
        mark = zlib.crc32(exchange.name.encode("utf-8", "replace"))
        for _kind, data in exchange.bodies:
            mark = zlib.crc32(data[:2_048], mark)
        return self._links[mark % len(self._links)]


class _Link:
    """One connection to a search worker. Frames of several senders never mix in it; each is sent whole.

    `lost` is told of an error that comes after the sender of a frame has gone.

    Locust ends its users wherever they are, also while they wait in `send`. What they had handed over is then sent by
    a thread of its own: a frame that broke off would take every later one with it.
    """

    def __init__(self, address: str, lost: Callable[[OSError], None]) -> None:
        self._connection = protocol.connect(address, _ANSWER_S)
        self._lock = threading.Lock()
        self._lost = lost
        self._finishing: list[threading.Event] = []  # of frames whose sender is gone: set when they are sent

    def send(self, head: dict[str, Any], bodies: list[bytes]) -> None:
        """Send an exchange. Raises OSError. A caller that is ended meanwhile leaves the rest to a thread."""
        left = protocol.Left(protocol.pack(protocol.EXCHANGE, head, bodies))
        has_turn = False
        try:
            has_turn = self._lock.acquire()
            left.send(self._connection)
        except OSError:
            self._lock.release()
            raise
        except BaseException:
            done = threading.Event()
            self._finishing = [*(one for one in self._finishing if not one.is_set()), done]
            threading.Thread(target=self._finish, args=(left, has_turn, done), daemon=True).start()
            raise
        self._lock.release()

    def ask(self, kind: int, wanted: int, head: dict[str, Any], bodies: list[bytes]) -> dict[str, Any]:
        """Send a frame and wait for its answer. Raises OSError and SearchLost."""
        with self._lock:
            protocol.send(self._connection, protocol.pack(kind, head, bodies))
            return _receive(self._connection, wanted)

    def close(self) -> None:
        """Once every frame that began is sent."""
        for done in self._finishing:
            done.wait(_ANSWER_S)
        self._connection.close()

    def _finish(self, left: protocol.Left, has_turn: bool, done: threading.Event) -> None:
        if not has_turn:
            self._lock.acquire()
        try:
            left.send(self._connection)
        except OSError as error:
            self._lost(error)
        finally:
            self._lock.release()
            done.set()


def _head(exchange: Exchange) -> dict[str, Any]:
    return {
        "method": exchange.method,
        "name": exchange.name,
        "status": exchange.status,
        "ms": round(exchange.ms, 1),
        "urls": list(exchange.urls),
        "head": list(exchange.head),
        "bodies": [[kind, len(data)] for kind, data in exchange.bodies],
        "context": exchange.context,
        "control": exchange.control,
        "unsearched": exchange.unsearched,
        "part": exchange.part,
    }


def _receive(connection: socket.socket, wanted: int) -> dict[str, Any]:
    """The head of the next frame. Raises OSError, and SearchLost when it is of another kind or there is none."""
    try:
        frame = protocol.receive(connection)
    except protocol.BadFrame as error:
        raise SearchLost(f"the search process: {error}") from None
    if frame is None or frame[0] != wanted:
        raise SearchLost("the search process closed the connection")
    return frame[1]
