"""What a worker says of itself while it searches: never less than it has in hand."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from earlid import protocol

from scenarios.leaks.service.server import listen
from scenarios.leaks.service.worker import SearchWorker


@pytest.fixture
def worker(tmp_path: Any) -> Iterator[tuple[SearchWorker, str]]:
    """A worker whose threads do not run, and its address."""
    address = str(tmp_path / "worker.sock")
    listener, (ours, theirs) = listen(address), socket.socketpair()
    made: Any = SearchWorker(SimpleNamespace(), listener, theirs, spool=None, role="user")  # type: ignore[arg-type]
    yield made, address
    for each in (listener, ours, theirs):
        each.close()


def test_a_connection_that_nobody_has_accepted_counts_as_open(worker: tuple[SearchWorker, str]) -> None:
    made, address = worker
    assert made.counts()["open"] == 0
    client = protocol.connect(address)
    protocol.send(client, protocol.pack(protocol.EXCHANGE, {}))
    client.close()
    assert made.counts()["open"] == 1


def test_what_ends_while_a_worker_counts_is_not_counted_as_searched(worker: tuple[SearchWorker, str]) -> None:
    made: Any = worker[0]

    class Ending:
        """The totals before a search that ends at this very moment."""

        def to_builtins(self) -> dict[str, int]:
            made._searched += 1
            return {"responses": 0}

    made._search = SimpleNamespace(totals=Ending())
    assert made.counts() | {"cpu_s": 0} == {
        "open": 0,
        "broken": 0,
        "received": 0,
        "searched": 0,
        "waiting": 0,
        "totals": {"responses": 0},
        "cpu_s": 0,
    }
