"""Which microphones are switched off: the one thing a gateway must still know after it was killed.

On disk a switched-off device is one HMAC in a small file; a device that is switched on leaves nothing there.
"""

import hashlib
import hmac
import os
from pathlib import Path

from gateway.files import BadFile


class Switches:
    """Muted sites, kept in `path` when there is one. Each change is on disk before `set` returns.

    Raises:
        BadFile: from the constructor, when the file cannot be read or is not one of these.
    """

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        self._path, self._key = path, key
        self._off: set[str] = set()
        if path is not None and path.exists():
            self._off = _read(path)

    def muted(self, site_id: str) -> bool:
        return self._mark(site_id) in self._off

    def set(self, site_id: str, muted: bool) -> None:
        mark = self._mark(site_id)
        if muted == (mark in self._off):
            return
        (self._off.add if muted else self._off.discard)(mark)
        if self._path is not None:
            self._write(self._path)

    def _mark(self, site_id: str) -> str:
        return hmac.new(self._key, f"muted\0{site_id}".encode(), hashlib.sha256).hexdigest()

    def _write(self, path: Path) -> None:
        fresh = path.with_name(path.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("".join(f"{mark}\n" for mark in sorted(self._off)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _read(path: Path) -> set[str]:
    try:
        marks = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        raise BadFile(f"{path}: the file of switched-off microphones cannot be read") from None
    if any(len(mark) != 64 for mark in marks):
        raise BadFile(f"{path}: not a file of switched-off microphones")
    return set(marks)
