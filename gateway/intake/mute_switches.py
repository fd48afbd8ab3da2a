"""Remembers which microphones are switched off, also after the gateway was killed.

The file holds one HMAC for each device that is off. A device that is on leaves nothing in it.
"""

import hashlib
import hmac
import itertools
from pathlib import Path
from typing import Protocol

from gateway.files import BadFile, write_private
from gateway.vault.messages import Standing, VaultUnavailable

_MOST_STRANGERS = 65_536
_ASKED_AT_ONCE = 16  # devices; the vault needs 2 ms for each
_ASK_AGAIN_S = 5.0  # seconds after the vault did not answer; a failed question may take as long


class Register(Protocol):
    """Knows which devices exist. Raises VaultUnavailable."""

    def standing(self, site_id: str) -> Standing | None:
        """None for a device no household has."""


class MuteSwitches:
    """The muted devices. `set` notes a switch; `flush` writes all changes to `path`, if there is one.

    A switch to off counts at once. A switch to on counts after it was written. Only devices that the vault knows are
    written. A bounded number of other devices is kept in memory, so that unknown devices can fill neither disk nor
    memory.

    Raises:
        BadFile: from the constructor, when the file cannot be read or has another format.
    """

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        self._path, self._key = path, key
        self._written = _read(path) if path is not None and path.exists() else set[str]()
        self._known = set(self._written)  # bounded by the number of the vault's devices
        self._off = set(self._written)  # known devices that are off
        self._changed = False
        self._unasked: dict[str, None] = {}  # off; the vault was not asked about them yet
        self._strangers: dict[str, None] = {}  # off; the vault does not know them
        self._ask_at = 0.0
        self.unknown = 0  # how often a device that no household has was switched off
        self._said_ms: dict[str, tuple[int | None, int | None]] = {}  # event times of the last off and the last on

    def muted(self, site_id: str) -> bool:
        """Whether nothing of this device may be kept: it is off, or its switch to on is not written yet."""
        return self.told_off(site_id) or self._mark(site_id) in self._written

    def told_off(self, site_id: str) -> bool:
        """Whether its last switch said off, written or not."""
        return site_id in self._unasked or site_id in self._strangers or self._mark(site_id) in self._off

    def hear(self, site_id: str, muted: bool, at_ms: int | None, *, late: bool = False) -> bool:
        """Take in a switch. Returns whether it was obeyed.

        `at_ms` is the device's time, or None where it cannot be read. A switch to on that is older than the last off is
        ignored. So is a stored (`late`) switch to off that is older than the last on. These times stay in memory: no
        file tells when a microphone was switched.
        """
        mark = self._mark(site_id)
        off_ms, on_ms = self._said_ms.pop(mark, (None, None))
        stale = at_ms is not None and (
            (late and on_ms is not None and at_ms < on_ms) if muted else (off_ms is not None and at_ms < off_ms)
        )
        if not stale:
            self.set(site_id, muted)
            if muted:
                off_ms = max((each for each in (off_ms, at_ms) if each is not None), default=None)
            else:
                off_ms, on_ms = None, at_ms
        while len(self._said_ms) >= _MOST_STRANGERS:
            del self._said_ms[next(iter(self._said_ms))]
        self._said_ms[mark] = (off_ms, on_ms)
        return not stale

    def set(self, site_id: str, muted: bool) -> None:
        """Set the state of a device, whatever the time of its message."""
        mark = self._mark(site_id)
        self._unasked.pop(site_id, None)
        self._strangers.pop(site_id, None)
        if muted and mark not in self._known:
            _bounded_put(self._unasked, site_id)
        else:
            (self._off.add if muted else self._off.discard)(mark)
            self._changed = True

    def flush(self, vault: Register, now: float) -> None:
        """Write the changes since the last flush. `now` is monotonic seconds.

        Raises:
            OSError: the file cannot be written. The changes are kept, and the next flush tries again.
        """
        if self._unasked and now >= self._ask_at:
            self._ask(vault, now)
        if self._changed and self._off != self._written:
            if self._path is not None:
                self._write(self._path)
            self._written = set(self._off)
        self._changed = False

    def _ask(self, vault: Register, now: float) -> None:
        for site_id in list(itertools.islice(self._unasked, _ASKED_AT_ONCE)):
            try:
                known = vault.standing(site_id) is not None
            except VaultUnavailable:
                self._ask_at = now + _ASK_AGAIN_S
                return
            del self._unasked[site_id]
            if known:
                self._known.add(self._mark(site_id))
                self.set(site_id, True)
            else:
                _bounded_put(self._strangers, site_id)
                self.unknown += 1

    def _mark(self, site_id: str) -> str:
        return hmac.new(self._key, f"muted\0{site_id}".encode(), hashlib.sha256).hexdigest()

    def _write(self, path: Path) -> None:
        write_private(path, "".join(f"{mark}\n" for mark in sorted(self._off)).encode("ascii"))


def _bounded_put(held: dict[str, None], site_id: str) -> None:
    while len(held) >= _MOST_STRANGERS:
        del held[next(iter(held))]
    held[site_id] = None


def _read(path: Path) -> set[str]:
    try:
        marks = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        raise BadFile(f"{path}: the file of switched-off microphones cannot be read") from None
    if any(len(mark) != 64 for mark in marks):
        raise BadFile(f"{path}: not a file of switched-off microphones")
    return set(marks)
