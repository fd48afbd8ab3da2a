"""Memory that a load generator shares with the search. A body is copied into it once; the socket carries its place.

The memory has no name and goes with the last process that holds it. A place is a number that only grows: it counts all
bytes that were ever placed, and its remainder by the size is where the bytes stand. The reader says in the first eight
bytes up to which place it has taken everything; what stands before that may be written over.
"""

import fcntl
import mmap
import os

SIZE = 8 * 1024 * 1024  # bytes; small, so that what is written over is still near the processor
WORTH = 4 * 1024  # bytes; a smaller body goes over the socket at no more cost
_HEAD = 4_096  # bytes before the bodies
_SEALS = ("F_ADD_SEALS", "F_GET_SEALS", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_SEAL")  # of Linux


class Placed:
    """Where a body stands. Its length is that of the body."""

    __slots__ = ("size", "start")

    def __init__(self, start: int, size: int) -> None:
        self.start, self.size = start, size

    def __len__(self) -> int:
        return self.size


class SharedRoom:
    """The writer's side. One thread at a time may place.

    Raises:
        OSError: the system has no such memory.
    """

    def __init__(self, size: int = SIZE) -> None:
        if not hasattr(os, "memfd_create") or not all(hasattr(fcntl, name) for name in _SEALS):
            raise OSError("no shared memory without a name")
        self.descriptor = os.memfd_create("earlid", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.descriptor, _HEAD + size)
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)
            self._map = mmap.mmap(self.descriptor, _HEAD + size)
        except OSError:
            os.close(self.descriptor)
            raise
        self._taken = memoryview(self._map)[:8].cast("Q")
        self._size, self._end = size, 0

    def place(self, body: bytes) -> Placed | None:
        """Copy a body. None: there is no room now. Never waits."""
        size, start = len(body), self._end
        left = self._size - start % self._size
        if size > left:
            start += left  # it stands in one piece
        if start + size - self._taken[0] > self._size:
            return None
        at = _HEAD + start % self._size
        self._map[at : at + size] = body
        self._end = start + size
        return Placed(start, size)

    def let_go(self) -> None:
        """Close the descriptor: the reader has its own."""
        os.close(self.descriptor)


class SharedReader:
    """The reader's side. It owns `descriptor`, and closes it.

    Raises:
        OSError, ValueError: it is no memory of a `SharedRoom`.
    """

    def __init__(self, descriptor: int) -> None:
        try:
            if not fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK:
                raise ValueError("it may become smaller")  # which would end who reads it
            self._size = os.fstat(descriptor).st_size - _HEAD
            if self._size <= 0:
                raise ValueError("it is too small")
            self._map = mmap.mmap(descriptor, _HEAD + self._size)
        finally:
            os.close(descriptor)
        self._view = memoryview(self._map)
        self._taken = self._view[:8].cast("Q")

    def at(self, start: int, size: int) -> memoryview:
        """What was placed there, not copied. Raises ValueError: nothing can have been."""
        at = start % self._size
        if start < 0 or not 0 <= size <= self._size - at:
            raise ValueError("no place of this memory")
        return self._view[_HEAD + at : _HEAD + at + size]

    def took(self, place: int) -> None:
        """Everything before this place may be written over."""
        self._taken[0] = place
