"""What a client sends becomes whole frames, wherever its bodies stood; what cannot be is refused."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from earlid import protocol
from earlid.sending.incoming import Incoming
from earlid.sending.link import Link
from earlid.sending.shared import SharedRoom

LARGE = b"L" * 50_000


@pytest.fixture
def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Link, Incoming, socket.socket]]:
    """A link with shared memory, what reads at the other end, and its socket."""
    monkeypatch.chdir(tmp_path)  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("./s")
        listener.listen()
        link = Link("./s", shared=True)
        theirs, _from = listener.accept()
    with theirs:
        theirs.settimeout(20)
        yield link, Incoming(theirs), theirs
    link._connection.close()


def _bodies(incoming: Incoming, count: int) -> list[tuple[str, bytes]]:
    """(name, body) of `count` rows, each of which is [name, size]."""
    found: list[tuple[str, bytes]] = []
    while len(found) < count:
        frames = incoming.read()
        assert frames
        for kind, exchanges, data in frames:
            assert kind == protocol.EXCHANGE
            ((_kind, head, rest),) = protocol.frames_of(data)
            rows, bodies = protocol.rows_of(head, rest)
            assert len(rows) == exchanges
            at = 0
            for name, size in rows:
                found.append((name, bytes(bodies[at : at + size])))
                at += size
            assert at == len(bodies)
    return found


def test_large_bodies_go_through_memory_and_small_ones_with_the_frame(linked: Any) -> None:
    link, incoming, theirs = linked
    sizes = [3, 50_000, 10, 200_000, 4_096, 4_095]
    for at, size in enumerate(sizes):
        link.put([f"/{at}", size], [bytes([65 + at]) * size])
    link.drain()
    held = len(theirs.recv(1_000_000, socket.MSG_PEEK))
    assert held < 10_000  # what the socket carries
    assert _bodies(incoming, len(sizes)) == [(f"/{at}", bytes([65 + at]) * size) for at, size in enumerate(sizes)]
    assert (link.counts.sent, link.counts.bytes, link.counts.lost) == (len(sizes), sum(sizes), 0)


def test_a_full_memory_lets_the_socket_carry_the_rest(linked: Any) -> None:
    link, incoming, _theirs = linked
    link._shared = room = SharedRoom(120_000)
    socket.send_fds(link._connection, protocol.pack(protocol.SHARED, {}), [room.descriptor])
    link._connection.setblocking(False)
    incoming._first()  # the memory of the link itself
    incoming._has_begun = False
    for at in range(4):
        link.put([f"/{at}", len(LARGE)], [LARGE])
    assert _bodies(incoming, 4) == [(f"/{at}", LARGE) for at in range(4)]
    link.put(["/4", len(LARGE)], [LARGE])  # what was read has made room
    before = room._end
    assert _bodies(incoming, 1) == [("/4", LARGE)]
    assert before > 120_000


def test_a_fork_leaves_the_memory_to_its_parent(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link, incoming, _theirs = linked
    link.put(["/parent", len(LARGE)], [LARGE])
    link.drain()
    end = link._shared._end
    pid = os.fork()
    if pid == 0:
        link.put(["/child", len(LARGE)], [b"c" * len(LARGE)])
        link.drain()
        os._exit(0 if link._shared is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert link._shared._end == end
    assert _bodies(incoming, 2) == [("/parent", LARGE), ("/child", b"c" * len(LARGE))]


def test_a_system_without_such_memory_sends_all_over_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(os, "memfd_create")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("./s")
        listener.listen()
        link = Link("./s", shared=True)
        theirs, _from = listener.accept()
    with theirs:
        link.put(["/a", len(LARGE)], [LARGE])
        assert _bodies(Incoming(theirs), 1) == [("/a", LARGE)]
    link._connection.close()


@pytest.mark.parametrize(
    "head",
    [
        {"places": [[0, 9_000_000]]},
        {"places": [[-1, 5]]},
        {"places": [["x", 5]]},
        {"places": [[0]]},
        {"places": 5},
        {"places": [], "rows": "x"},
    ],
)
@pytest.mark.parametrize("with_memory", [True, False])
def test_places_that_cannot_be_are_refused(head: dict[str, Any], with_memory: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if with_memory:
            room = SharedRoom()
            socket.send_fds(ours, protocol.pack(protocol.SHARED, {}), [room.descriptor])
            room.let_go()
        protocol.send(ours, protocol.pack(protocol.ROWS, {"count": 1, "rows": 2, **head}, [b"[]", b"123"]))
        with pytest.raises(protocol.BadFrame):
            Incoming(theirs).read()


def test_memory_that_did_not_come_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        protocol.send(ours, protocol.pack(protocol.SHARED, {}))
        with pytest.raises(protocol.BadFrame, match="memory"):
            Incoming(theirs).read()


def _open() -> int:
    """How many descriptors this process has."""
    return len([*Path("/proc/self/fd").iterdir()])


def test_a_file_that_is_no_shared_memory_is_refused_and_closed(tmp_path: Path) -> None:
    before = _open()
    ours, theirs = socket.socketpair()
    with ours, theirs, (tmp_path / "x").open("wb") as other:
        socket.send_fds(ours, protocol.pack(protocol.SHARED, {}), [other.fileno()])
        with pytest.raises(protocol.BadFrame, match="no shared memory"):
            Incoming(theirs).read()
    assert _open() == before
