"""Hands exchanges to the search process. What it costs the caller is one copy of the answer into a socket."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from earlid import protocol
from earlid.exchange import Exchange
from earlid.sending.link import Counts as Counts
from earlid.sending.link import Link, Row

Others = Sequence[Mapping[str, Any]]
Said = Callable[[Mapping[str, Any]], None]
_ANSWER_S = 600.0  # a search process that says nothing for so long has stalled
_LOOK_S, _STANDSTILL_S = 0.5, 60.0


class SearchLost(RuntimeError):
    """The search process is gone or has stalled: nothing can be said of what it was handed."""


class SearchClient:
    """A connection to one search process. Safe to use from several threads or greenlets.

    With `gather`, answers wait up to 50 ms in this process, so that many go in one frame: for load generators. Without
    it `send` returns once the answer has left this process.

    Raises:
        OSError: from the constructor, when nothing listens at `address`.
        SearchLost: from the constructor, when what listens there is no search process.
    """

    def __init__(self, address: str, *, gather: bool = False) -> None:
        with _lost_if_gone(), protocol.connect(address, 60) as door:
            told = protocol.expect(door, protocol.WORKERS)
        self.address = address
        self.households, self.needles = int(told["households"]), int(told["needles"])
        self.controls_url = str(told["controls"])
        self.search_id, self.identities, self.version = (
            str(told[name]) for name in ("search", "identities", "version")
        )
        self._link = Link(str(told["takes"]), shared=gather)
        self._gather = gather

    @property
    def counts(self) -> Counts:
        """What this process handed over."""
        return self._link.counts

    def send(self, exchange: Exchange) -> None:
        """Hand an exchange over and return. Waits while the search's queue is full; never drops one in silence.

        A search process that is gone counts as `lost`; it never breaks the caller's own work.
        """
        row = list(exchange)
        row[_BODIES] = [(kind, len(data)) for kind, data in exchange.bodies]
        self._link.put(row, [data for _kind, data in exchange.bodies])
        if not self._gather:
            self._link.drain()

    def put(self, row: Row, bodies: Sequence[bytes]) -> None:
        """As `send`, with a row of a ROWS frame, or a function that makes it when it is sent."""
        self._link.put(row, bodies)

    def search(self, exchange: Exchange) -> dict[str, Any]:
        """Hand an exchange over and wait for what was found: `findings`, `notes`, `bytes`.

        Raises:
            SearchLost: no answer.
        """
        head = {**exchange._asdict(), "bodies": [(kind, len(data)) for kind, data in exchange.bodies], "reply": True}
        with _lost_if_gone():
            return self._link.ask(protocol.EXCHANGE, protocol.RESULT, head, [data for _kind, data in exchange.bodies])

    def flush(self) -> dict[str, int]:
        """Wait until everything that was sent is searched: `received` and `searched` over this connection.

        Raises:
            SearchLost: a worker is gone.
        """
        with _lost_if_gone():
            told = self._link.ask(protocol.FLUSH, protocol.COUNTS, {})
        return {name: int(told[name]) for name in ("received", "searched")}

    def drain(self) -> None:
        """Wait until everything that was handed over has left this process."""
        self._link.drain()

    def catch_up(self, said: Said, others: Others = ()) -> None:
        """Wait while the search gets on with what it was handed. `said` is told the counts about twice a second.

        Returns when nothing waits, when a worker of it is gone, or when it does not get on: `end` and `run` say so.
        """
        self._link.drain()
        before, since = (-1, -1), time.monotonic()
        while True:
            try:
                counts = self.now(others)
            except SearchLost:
                return
            so_far = (int(counts["searched"]), int(counts["cpu_s"]))  # one long search is no standstill
            if so_far != before:
                before, since = so_far, time.monotonic()
            if not counts["waiting"] or counts["gone"] or time.monotonic() - since > _STANDSTILL_S:
                return
            said(counts)
            time.sleep(_LOOK_S)

    def end(self, quiet_s: float = 30.0, others: Others = (), *, wait: bool = True) -> dict[str, Any]:
        """Close this client, wait until every other client has closed too, and get the counts of all of them.

        Without `wait` they are those of this moment. `others` are counts that other searches gave. They are added.

        Raises:
            SearchLost: no answer.
        """
        self.close()
        return self._ask_all(protocol.END, {"quiet_s": quiet_s, "others": others, "wait": wait})

    def run(self, sent: int, quiet_s: float = 30.0, others: Others = (), *, wait: bool = True) -> dict[str, Any]:
        """Wait until `sent` exchanges of all clients are searched, and get the counts since the last such call.

        Without `wait` they are those of this moment.

        Raises:
            SearchLost: no answer.
        """
        self._link.drain()
        return self._ask_all(protocol.RUN, {"sent": sent, "quiet_s": quiet_s, "others": others, "wait": wait})

    def now(self, others: Others = ()) -> dict[str, Any]:
        """The counts since the last `run`, as they stand.

        Raises:
            SearchLost: no answer.
        """
        return self._ask_all(protocol.NOW, {"others": others})

    def close(self) -> None:
        self._link.close()

    def shown(self, names: Sequence[str]) -> list[str]:
        """Request names as a report may show them: without numbers, tokens and identities.

        Raises:
            SearchLost: no answer.
        """
        return [str(name) for name in self._ask_all(protocol.NAMES, {"names": list(names)})["names"]]

    def _ask_all(self, kind: int, head: dict[str, Any]) -> dict[str, Any]:
        with _lost_if_gone(), protocol.connect(self.address, 60) as door:
            protocol.expect(door, protocol.WORKERS)
            door.settimeout(_ANSWER_S)
            protocol.send(door, protocol.pack(kind, head))
            return protocol.expect(door, protocol.COUNTS)


_BODIES = Exchange._fields.index("bodies")


@contextlib.contextmanager
def _lost_if_gone() -> Iterator[None]:
    """Raises SearchLost for what says that the search process is gone."""
    try:
        yield
    except protocol.BadFrame as error:
        raise SearchLost(f"the search process: {error}") from None
    except OSError as error:
        raise SearchLost(f"the search process is gone ({type(error).__name__})") from None
