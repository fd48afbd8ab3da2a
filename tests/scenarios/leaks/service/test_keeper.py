"""The keeper counts what it takes before it is searched, and gives each answer to who asked."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from earlid import protocol

from scenarios.leaks.service.backlog import Backlog
from scenarios.leaks.service.keeper import DONE, TASK, Keeper
from scenarios.leaks.service.server import listen


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[Keeper, str, socket.socket]]:
    """A keeper whose threads the test starts, its address, and the end of its worker."""
    address = str(tmp_path / "keeper.sock")
    listener, (ours, theirs), (mine, its) = listen(address), socket.socketpair(), socket.socketpair()
    backlog = Backlog(memory=10**6, room=10**6, folder=tmp_path)
    its.settimeout(10)
    yield Keeper(listener, ours, [mine], backlog), address, its
    for each in (listener, ours, theirs, mine, its):
        each.close()


def test_a_connection_that_nobody_has_accepted_counts_as_open(kept: tuple[Keeper, str, socket.socket]) -> None:
    keeper, address, _worker = kept
    assert keeper.counts()["open"] == 0
    client = protocol.connect(address)
    protocol.send(client, protocol.pack(protocol.EXCHANGE, {}))
    client.close()
    assert keeper.counts()["open"] == 1


def _task(worker: socket.socket) -> tuple[int, int, bytes]:
    connection, count, size = TASK.unpack(protocol.exactly(worker, TASK.size))
    return connection, count, bytes(protocol.exactly(worker, size))


def test_what_was_flushed_is_searched_and_answers_find_their_client(kept: tuple[Keeper, str, socket.socket]) -> None:
    keeper, address, worker = kept
    threading.Thread(target=keeper._accept, daemon=True).start()
    threading.Thread(target=keeper._feed, args=(keeper._workers[0],), daemon=True).start()
    with protocol.connect(address, 10) as client, protocol.connect(address, 10) as other:
        protocol.send(other, protocol.pack_rows([[1], [2], [3]], []))
        assert _task(worker)[1] == 3
        protocol.send(client, protocol.pack(protocol.EXCHANGE, {"reply": True}))
        protocol.send(client, protocol.pack(protocol.FLUSH, {}))
        worker.sendall(DONE.pack(3, 0))
        assert _task(worker)[1] == 1
        assert keeper.counts()["received"] == 4
        answer = b"".join(protocol.pack(protocol.RESULT, {"findings": []}))
        worker.sendall(DONE.pack(1, len(answer)) + answer)
        assert protocol.expect(client, protocol.RESULT) == {"findings": []}
        assert protocol.expect(client, protocol.COUNTS) == {"received": 1, "searched": 1}


def test_a_connection_that_is_closed_and_searched_is_let_go(kept: tuple[Keeper, str, socket.socket]) -> None:
    keeper, address, worker = kept
    threading.Thread(target=keeper._accept, daemon=True).start()
    threading.Thread(target=keeper._feed, args=(keeper._workers[0],), daemon=True).start()
    for _ in range(3):
        with protocol.connect(address, 10) as client:
            protocol.send(client, protocol.pack_rows([[1]], []))
            assert _task(worker)[1] == 1
        while keeper.counts()["open"]:
            time.sleep(0.01)
        assert len(keeper._senders) == 1  # what it sent is not searched yet
        worker.sendall(DONE.pack(1, 0))
        wait_for(lambda: not keeper._senders)
    assert keeper.counts()["received"] == 3


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not become so within 5 s")


@pytest.mark.parametrize(
    "junk", [b"\0\0\1\0\1", b"\xff" * 40, b"".join(protocol.pack(protocol.ROWS, {"rows": 2}, [b"[]"]))]
)
def test_what_is_no_frame_counts_as_broken(kept: tuple[Keeper, str, socket.socket], junk: bytes) -> None:
    keeper, address, _worker = kept
    threading.Thread(target=keeper._accept, daemon=True).start()
    with protocol.connect(address, 10) as client:
        client.sendall(junk)
    for _ in range(200):
        counts = keeper.counts()
        if not counts["open"] and counts["broken"]:
            break
        threading.Event().wait(0.02)
    assert (counts["broken"], counts["received"], counts["open"]) == (1, 0, 0)
