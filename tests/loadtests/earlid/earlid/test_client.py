"""Senders that are ended in the middle of a frame, as Locust ends its users, break no frame and lose none."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from earlid import Exchange, protocol
from earlid.client import Counts, SearchClient, _Link


class Ended(BaseException):
    """As gevent's GreenletExit: no Exception."""


class Torn:
    """A connection whose sender is ended after the first `first` bytes, once."""

    def __init__(self, real: socket.socket, first: int) -> None:
        self._real, self._first, self._is_torn = real, first, False

    def send(self, data: memoryview) -> int:
        if self._first and not self._is_torn:
            sent = self._real.send(data[: self._first])
            self._first -= sent
            return sent
        if not self._is_torn:
            self._is_torn = True
            raise Ended
        return self._real.send(data)

    def close(self) -> None:
        self._real.close()


class TornLock:
    """A lock whose waiter is ended, once."""

    def __init__(self, real: Any) -> None:
        self._real, self._is_torn = real, False
        self.release = real.release

    def acquire(self) -> bool:
        if not self._is_torn:
            self._is_torn = True
            raise Ended
        return bool(self._real.acquire())


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], tuple[_Link, socket.socket]]:
    def make(first: int) -> tuple[_Link, socket.socket]:
        ours, theirs = socket.socketpair()
        theirs.settimeout(20)
        monkeypatch.setattr(protocol, "connect", lambda *_: Torn(ours, first))
        return _Link("unused", lambda _error: None), theirs

    return make


@pytest.mark.parametrize("first", [0, 1, 9, 40])
def test_a_frame_whose_sender_is_ended_comes_whole(linked: Any, first: int) -> None:
    link, theirs = linked(first)
    with theirs:
        with pytest.raises(Ended):
            link.send({"name": "/a"}, [b"a" * 100])
        link.send({"name": "/b"}, [b"b" * 100])
        frames = [protocol.receive(theirs) for _ in range(2)]
        link.close()
        assert [(frame[1]["name"], bytes(frame[2])) for frame in frames if frame] == [
            ("/a", b"a" * 100),
            ("/b", b"b" * 100),
        ]
        assert protocol.receive(theirs) is None


def test_a_frame_whose_sender_is_ended_while_it_waits_for_its_turn_comes_too(linked: Any) -> None:
    link, theirs = linked(10_000)
    link._lock = TornLock(link._lock)
    with theirs:
        with pytest.raises(Ended):
            link.send({"name": "/a"}, [b"a"])
        frame = protocol.receive(theirs)
        assert frame is not None
        assert frame[1]["name"] == "/a"
        link.close()


def test_what_an_ended_sender_handed_over_is_counted(linked: Any) -> None:
    link, theirs = linked(7)
    client = SearchClient.__new__(SearchClient)
    client.counts, client._links = Counts(), [link]
    with theirs:
        with pytest.raises(Ended):
            client.send(Exchange(name="/a", bodies=(("response_body", b"abc"),)))
        assert (client.counts.sent, client.counts.bytes, client.counts.lost) == (1, 3, 0)
        assert protocol.receive(theirs) is not None
        client.close()
