"""What waits to be searched: first in memory, then sealed on a disk, up to a number of bytes.

A file of the backlog has no name, mode 0600, and holds what only this process can open: its key is in memory alone.
"""

import os
import secrets
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

Write = Callable[[int, memoryview, int], int]
_SEGMENT = 64 * 1024 * 1024  # bytes of one file; what was searched is given back by whole files
_AGAIN_S = 1.0  # after a disk that took no more


class Chunk(NamedTuple):
    """Whole frames of one connection. `exchanges` is how many they hold."""

    connection: int
    exchanges: int
    data: bytes


class _Kept(NamedTuple):
    """A chunk on the disk. `size` is that of the data; its seal is 16 bytes longer."""

    connection: int
    exchanges: int
    size: int
    file: "_Segment"
    at: int
    nonce: bytes


class _Segment:
    """A file without a name: it is gone with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self.file: BinaryIO = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        self.size = self.left = 0
        self.is_full = False


def _box() -> Any:
    """What seals, with a key of its own, or None: `earlid[sealed]` is not installed."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ModuleNotFoundError:
        return None
    return AESGCM(secrets.token_bytes(32))


class Backlog:
    """A queue of chunks. `put` waits while it is full; an empty one takes a chunk of any size. Nothing is dropped.

    `memory` bytes are held in memory, what is above it in files in `folder`, `room` bytes in all. A disk that takes no
    more makes the queue full, too; `disk_refused` counts how often that was. Where nothing can be sealed, nothing goes
    to the disk: `memory` is all the room then.
    """

    def __init__(self, *, memory: int, room: int, folder: Path, write: Write = os.pwrite) -> None:
        self._box = _box()
        room = room if self._box else min(room, memory)
        self._memory, self._room, self._folder, self._write = min(memory, room), room, folder, write
        self._chunks: deque[Chunk | _Kept] = deque()
        self._changed = threading.Condition()
        self._disk = threading.Lock()  # one writer at a time
        self._segment: _Segment | None = None
        self._sealed = 0
        self.held = self._in_memory = 0
        self.most = self.most_on_disk = self.disk_refused = 0

    def put(self, chunk: Chunk) -> None:
        size = len(chunk.data)
        with self._changed:
            while self.held and self.held + size > self._room:
                self._changed.wait()
            fits = not self.held or self._in_memory + size <= self._memory
            self._count(size, in_memory=size if fits else 0)  # its place is taken before it is written
            if fits:
                self._chunks.append(chunk)
                self._changed.notify_all()
                return
        kept = self._keep(chunk)
        with self._changed:
            while kept is None:
                if self._in_memory + size <= self._memory or not (self._chunks or self._in_memory):
                    self._in_memory += size
                    self._chunks.append(chunk)
                    break
                self._changed.wait(_AGAIN_S)
                kept = self._keep(chunk)
            if kept is not None:
                self._chunks.append(kept)
                self.most_on_disk = max(self.most_on_disk, self.held - self._in_memory)
            self._changed.notify_all()

    def get(self) -> Chunk:
        """The oldest chunk; waits for one. Raises OSError and InvalidTag: the disk lost it."""
        with self._changed:
            while not self._chunks:
                self._changed.wait()
            chunk = self._chunks.popleft()
        if isinstance(chunk, _Kept):
            chunk = self._opened(chunk)
            in_memory = 0
        else:
            in_memory = len(chunk.data)
        with self._changed:
            self._count(-len(chunk.data), in_memory=-in_memory)
            self._changed.notify_all()
        return chunk

    def close(self) -> None:
        """Close its files: then they are gone. What waits is dropped."""
        files = {kept.file for kept in self._chunks if isinstance(kept, _Kept)}
        for segment in files | ({self._segment} if self._segment else set()):
            segment.file.close()

    def _count(self, size: int, *, in_memory: int) -> None:
        self.held += size
        self._in_memory += in_memory
        self.most = max(self.most, self.held)

    def _keep(self, chunk: Chunk) -> _Kept | None:
        """Write a chunk to the disk. None: the disk took it not."""
        if self._box is None:
            return None
        with self._disk:
            self._sealed += 1
            nonce = self._sealed.to_bytes(12)
            sealed = self._box.encrypt(nonce, chunk.data, None)
            try:
                segment = self._writable()
                at = segment.size
                self._write_all(segment.file.fileno(), sealed, at)
            except OSError:
                self.disk_refused += 1
                return None
            segment.size += len(sealed)
            segment.left += 1
            if segment.size >= _SEGMENT:
                segment.is_full, self._segment = True, None
            return _Kept(chunk.connection, chunk.exchanges, len(chunk.data), segment, at, nonce)

    def _writable(self) -> _Segment:
        if self._segment is None:
            self._segment = _Segment(self._folder)
        return self._segment

    def _write_all(self, descriptor: int, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            written = self._write(descriptor, view, at)
            view, at = view[written:], at + written

    def _opened(self, kept: _Kept) -> Chunk:
        sealed = os.pread(kept.file.file.fileno(), kept.size + 16, kept.at)
        data: bytes = self._box.decrypt(kept.nonce, sealed, None)
        with self._disk:
            kept.file.left -= 1
            if not kept.file.left:
                if kept.file.is_full:
                    kept.file.file.close()
                else:
                    kept.file.file.truncate(0)
                    kept.file.size = 0
        return Chunk(kept.connection, kept.exchanges, data)
