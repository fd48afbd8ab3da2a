"""Reads what the gateway tells about its decisions, from a named pipe into memory. Nothing of it is on a disk."""

import os
import select
import threading
from pathlib import Path
from typing import Self

import msgspec

from gateway.decision import Decision

_LOOK_S = 0.1


class DecisionPipe:
    """A named pipe in a private folder, and the thread that reads it until the end of the `with` block.

    The pipe stays open when the gateway is killed, so that the next one can write to it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "decisions"
        self._lines = bytearray()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, name="decisions", daemon=True)

    def __enter__(self) -> Self:
        os.mkfifo(self.path, 0o600)
        self._open = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self._reader.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._reader.join()
        os.close(self._open)
        self.path.unlink(missing_ok=True)

    def read(self) -> tuple[Decision, ...]:
        """Return every decision written so far. Lines of another shape are left out."""
        found = []
        for line in bytes(self._lines).splitlines():
            try:
                found.append(msgspec.json.decode(line, type=Decision))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        return tuple(found)

    def _read(self) -> None:
        while True:
            last = self._over.is_set()  # what was written before the end is still read
            while select.select([self._open], [], [], 0 if last else _LOOK_S)[0]:
                self._lines += os.read(self._open, 65_536)
            if last:
                return
