"""One large read serves many small ones, and nothing is lost, invented or waited for in vain."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.buffered import _Buffered


@given(st.binary(min_size=1, max_size=2_000), st.lists(st.integers(1, 300), min_size=1, max_size=50))
def test_the_bytes_are_the_same_however_they_are_asked_for(data: bytes, sizes: list[int]) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.close()
        line, got = _Buffered(here), b""
        for size in sizes + [700] * 5:
            piece = line.recv(size)
            assert len(piece) <= size
            got += piece
        assert got == data[: len(got)]
        assert line.pending() == line.held == 0 or len(got) < len(data)
        assert line.recv(1) == data[len(got) : len(got) + 1]


def test_what_is_held_is_told_before_anybody_waits() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"abcdef")
        line = _Buffered(here)
        assert line.pending() == 0
        assert line.recv(2) == b"ab"
        assert line.pending() == 4
        assert line.fileno() == here.fileno()
        here.setblocking(False)
        assert line.recv(9) == b"cdef"
        with pytest.raises(BlockingIOError):
            line.recv(1)
