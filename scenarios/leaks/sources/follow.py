"""Reads growing files as they are written, until somebody stops it."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.reader.reader import Unread, Wanted

_OVERLAP = 16 * 1024
_STEP = 1024 * 1024
_PAUSE_S = 0.5


class _Growing:
    """One file by its name. If it was rotated or cut, it is read from its new beginning."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self._at = self._inode = 0
        self._rest = b""
        self._begun = False

    def next(self) -> Wanted | None:
        """What came since the last call, if anything."""
        stat = self.path.stat()
        if stat.st_ino != self._inode or stat.st_size < self._at:
            self._at, self._rest, self._inode = 0, b"", stat.st_ino
        if stat.st_size == self._at:
            return None
        with self.path.open("rb") as file:
            file.seek(self._at)
            data = file.read(_STEP)
        whole, overlap, more = self._rest + data, len(self._rest), self._begun
        self._at += len(data)
        self._rest, self._begun = whole[-_OVERLAP:], True
        part = Part(kind="file", name=self.name, data=whole)
        return Wanted(name=self.name, parts=(part,), more=more, overlap=overlap, thing=not more)


def follow(
    paths: Sequence[Path], masked: Callable[[str], str], *, pause: Callable[[], object] | None = None
) -> Iterator[Wanted | Unread]:
    """Reads each file from its beginning on. `pause` is called when nothing new is there; it sleeps. A
    KeyboardInterrupt ends all. A file that goes away is waited for.
    """
    growing = [_Growing(path, masked(str(path))) for path in paths]
    try:
        while True:
            idle = True
            for each in growing:
                try:
                    found = each.next()
                except FileNotFoundError:
                    continue
                if found:
                    idle = False
                    yield found
            if idle:
                (pause or _sleep)()
    except KeyboardInterrupt:
        return


def _sleep() -> None:
    time.sleep(_PAUSE_S)
