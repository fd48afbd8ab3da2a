"""Bodies in shared memory: what is placed is read as it was, nothing is written over that was not taken."""

import os

import pytest
from earlid.sending.shared import SharedReader, SharedRoom
from hypothesis import given
from hypothesis import strategies as st

SIZE = 10_000


def _pair(size: int = SIZE) -> tuple[SharedRoom, SharedReader]:
    room = SharedRoom(size)
    return room, SharedReader(os.dup(room.descriptor))


@given(sizes=st.lists(st.integers(1, SIZE + 10), max_size=40), lag=st.integers(0, 5))
def test_what_was_placed_stays_until_it_was_taken(sizes: list[int], lag: int) -> None:
    room, reader = _pair()
    waiting: list[tuple[int, bytes]] = []
    for at, size in enumerate(sizes):
        body = bytes([at % 251]) * size
        placed = room.place(body)
        if placed is not None:
            assert len(placed) == size
            waiting.append((placed.start, body))
        while len(waiting) > lag or (placed is None and waiting):
            start, wanted = waiting.pop(0)
            assert bytes(reader.at(start, len(wanted))) == wanted
            reader.took(start + len(wanted))
    room.let_go()


def test_a_full_memory_takes_nothing_and_an_empty_one_again() -> None:
    room, reader = _pair()
    first, second = room.place(b"a" * 6_000), room.place(b"b" * 4_000)
    assert first is not None
    assert second is not None
    assert room.place(b"c" * 3_000) is None
    assert bytes(reader.at(first.start, 6_000)) == b"a" * 6_000
    reader.took(first.start + 6_000)
    third = room.place(b"c" * 3_000)
    assert third is not None
    assert bytes(reader.at(second.start, 4_000)) == b"b" * 4_000
    assert bytes(reader.at(third.start, 3_000)) == b"c" * 3_000
    room.let_go()


def test_a_body_that_is_larger_than_the_memory_has_no_place() -> None:
    room, _reader = _pair()
    assert room.place(bytes(SIZE + 1)) is None
    assert room.place(bytes(SIZE)) is not None
    room.let_go()


@pytest.mark.parametrize(("start", "size"), [(-1, 1), (0, -1), (0, SIZE + 1), (SIZE - 1, 2), (3 * SIZE - 1, 2)])
def test_a_place_that_cannot_be_is_refused(start: int, size: int) -> None:
    _room, reader = _pair()
    with pytest.raises(ValueError, match="no place"):
        reader.at(start, size)


def test_memory_that_may_become_smaller_is_refused() -> None:
    descriptor = os.memfd_create("other", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, SIZE)
    with pytest.raises(ValueError, match="smaller"):
        SharedReader(descriptor)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)  # it is closed all the same


def test_a_system_without_such_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with pytest.raises(OSError, match="no shared memory"):
        SharedRoom()
