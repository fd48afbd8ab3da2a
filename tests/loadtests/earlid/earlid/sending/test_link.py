"""What is put down is sent: many in one frame, in order, also when its sender is ended while it waits."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from earlid import protocol
from earlid.sending import link as links
from earlid.sending.link import Link


class Ended(BaseException):
    """As gevent's GreenletExit: no Exception."""


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Link, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(20)
    monkeypatch.setattr(links, "_ROOM_OF_SOCKET", 100_000)
    monkeypatch.setattr(protocol, "connect", lambda *_: ours)
    with ours, theirs:
        yield Link("unused"), theirs


def _rows(theirs: socket.socket) -> list[tuple[str, bytes]]:
    """(name, body) of one frame; each row is [name, size]."""
    frame = protocol.receive(theirs)
    assert frame is not None
    assert frame[0] == protocol.ROWS
    rows, bodies = protocol.rows_of(frame[1], frame[2])
    found, at = [], 0
    for name, size in rows:
        found.append((name, bytes(bodies[at : at + size])))
        at += size
    return found


def test_many_go_in_one_frame_and_in_order(linked: Any) -> None:
    link, theirs = linked
    for at in range(30):
        link.put([f"/{at}", at], [b"x" * at])
    first = _rows(theirs)
    assert 2 <= len(first) <= 16  # one search process has a frame to itself: others shall have some, too
    assert first + _rows(theirs) == [(f"/{at}", b"x" * at) for at in range(30)]
    link.drain()
    assert (link.counts.sent, link.counts.bytes, link.counts.lost) == (30, sum(range(30)), 0)


def test_one_alone_does_not_wait_for_others(linked: Any) -> None:
    link, theirs = linked
    link.put(["/a", 1], [b"a"])
    assert _rows(theirs) == [("/a", b"a")]


def test_a_full_frame_is_sent_at_once(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_GATHER_S", 60.0)
    link, theirs = linked
    link.put(["/a", links.BATCH], [bytes(links.BATCH)])
    assert _rows(theirs) == [("/a", bytes(links.BATCH))]


def test_a_sender_that_is_ended_while_it_waits_loses_nothing(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link, theirs = linked
    monkeypatch.setattr(links, "_ROOM", 600_000)  # more than a socket takes at once
    real = link._room

    class EndedInside:
        """The event that a sender waits for; the sender is ended instead."""

        clear, set = real.clear, real.set

        def wait(self, _timeout: float) -> None:
            raise Ended

    link._room = EndedInside()

    def put_down() -> None:
        for at in range(100):
            link.put([f"/{at}", 50_000], [bytes(50_000)])

    with pytest.raises(Ended):
        put_down()
    put = link.counts.sent
    link._room = real
    got: list[tuple[str, bytes]] = []
    while len(got) < put:
        got += _rows(theirs)
    assert [name for name, _body in got] == [f"/{at}" for at in range(put)]
    assert link.counts.waited_s >= 0


def test_a_sender_waits_while_the_search_takes_nothing_and_that_is_counted(
    linked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, theirs = linked
    monkeypatch.setattr(links, "_ROOM", 600_000)
    done = threading.Event()

    def put() -> None:
        for at in range(40):
            link.put([f"/{at}", 50_000], [bytes(50_000)])
        done.set()

    threading.Thread(target=put, daemon=True).start()
    assert not done.wait(1.0)
    got: list[tuple[str, bytes]] = []
    while len(got) < 40:
        got += _rows(theirs)
    assert done.wait(10)
    assert link.counts.waited_s > 0.5


def test_what_could_not_be_sent_is_lost_and_said(linked: Any) -> None:
    link, theirs = linked
    theirs.close()
    for _ in range(3):
        link.put(["/a", 1], [b"a"])
        link.drain()
    assert link.counts.lost > 0
    assert link.counts.sent + link.counts.lost == 3
    assert "the search process is gone" in link.counts.reasons[0]


def test_what_json_cannot_say_is_said_as_text(linked: Any) -> None:
    link, theirs = linked
    link.put([object(), 1], [b"a"])
    assert _rows(theirs)[0][1] == b"a"


def test_several_threads_lose_none(linked: Any) -> None:
    link, theirs = linked
    threads = [threading.Thread(target=lambda: [link.put(["/a", 1], [b"a"]) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    got: list[tuple[str, bytes]] = []
    while len(got) < 2_000:
        got += _rows(theirs)
    link.drain()
    assert link.counts.sent == 2_000


def test_a_fork_sends_only_what_it_put_down_itself(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_GATHER_S", 0.5)
    link, theirs = linked
    link.put(["/parent", 1], [b"a"])
    pid = os.fork()
    if pid == 0:
        link.put(["/child", 1], [b"b"])
        time.sleep(2)
        os._exit(0)
    os.waitpid(pid, 0)
    assert sorted(_rows(theirs) + _rows(theirs)) == [("/child", b"b"), ("/parent", b"a")]


def test_what_a_socket_takes_in_part_arrives_whole_and_in_order(linked: Any) -> None:
    link, theirs = linked
    sizes = [3, 400_000, 70_000, 1, 900_000, 5]  # more than the socket takes at once

    def put() -> None:
        for at, size in enumerate(sizes):
            link.put([f"/{at}", size], [bytes([at]) * size])

    threading.Thread(target=put, daemon=True).start()
    got: list[tuple[str, bytes]] = []
    while len(got) < len(sizes):
        got += _rows(theirs)
    assert got == [(f"/{at}", bytes([at]) * size) for at, size in enumerate(sizes)]
    link.drain()
    assert (link.counts.sent, link.counts.bytes, link.counts.lost) == (len(sizes), sum(sizes), 0)


def test_a_full_batch_leaves_without_another_thread(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)
    link, theirs = linked
    link.put(["/a", links.BATCH], [bytes(links.BATCH)])
    assert _rows(theirs) == [("/a", bytes(links.BATCH))]
    assert link.counts.sent == 1


def test_a_question_waits_for_a_frame_that_another_has_begun(linked: Any) -> None:
    link, theirs = linked
    answers: list[dict[str, Any]] = []
    real, begun = link.drain, list[None]()

    def drain() -> None:
        real()
        if not begun:  # between the wait and the question somebody puts down more than the socket takes
            begun.append(None)
            link.put(["/big", 900_000], [bytes(900_000)])

    link.drain = drain
    threading.Thread(target=lambda: answers.append(link.ask(protocol.FLUSH, protocol.COUNTS, {})), daemon=True).start()
    assert _rows(theirs) == [("/big", bytes(900_000))]
    assert (protocol.receive(theirs) or ("nothing",))[0] == protocol.FLUSH
    protocol.send(theirs, protocol.pack(protocol.COUNTS, {"searched": 1}))
    while not answers:
        time.sleep(0.01)
    assert answers == [{"searched": 1}]


def test_a_row_may_be_made_when_it_is_sent_and_one_that_cannot_be_made_is_lost_alone(linked: Any) -> None:
    def cannot() -> list[Any]:
        raise LookupError("/a/secret")

    link, theirs = linked
    link.put(lambda: ["/a", 1], [b"a"])
    link.put(cannot, [b"b"])
    link.put(["/c", 1], [b"c"])
    assert _rows(theirs) == [("/a", b"a"), ("/c", b"c")]
    link.drain()
    assert (link.counts.sent, link.counts.lost) == (2, 1)
    assert link.counts.reasons == ["an answer could not be written down (LookupError)"]


def test_who_puts_down_a_full_batch_never_waits_for_another_that_writes(linked: Any) -> None:
    link, theirs = linked
    with link._turn:  # another is inside a frame, and the socket takes nothing
        putting = threading.Thread(target=link.put, args=(["/a", links.BATCH], [bytes(links.BATCH)]), daemon=True)
        putting.start()
        putting.join(5)
        assert not putting.is_alive()
    assert _rows(theirs) == [("/a", bytes(links.BATCH))]


def test_an_answer_of_more_pieces_than_a_system_call_takes_arrives_whole(linked: Any) -> None:
    link, theirs = linked
    hops = [b"%d" % at for at in range(3_000)]  # Linux takes 1,024
    link.put(["/loop", sum(map(len, hops))], hops)
    link.put(["/full", links.BATCH], [bytes(links.BATCH)])
    assert _rows(theirs) == [("/loop", b"".join(hops)), ("/full", bytes(links.BATCH))]
    assert link.counts.lost == 0


def test_a_fork_leaves_a_frame_that_is_half_written_to_its_parent(linked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)  # nobody sends the rest
    link, _theirs = linked
    link.put(["/parent", 900_000], [bytes(900_000)])
    assert link._frames is not None
    monkeypatch.setattr(os, "getpid", lambda: 1)
    link.put(["/child", links.BATCH], [b"c" * links.BATCH])
    assert link._frames is None or sum(map(len, link._frames.pieces)) < 2 * links.BATCH
