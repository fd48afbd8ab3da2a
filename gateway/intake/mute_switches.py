"""Which microphones are switched off: the one thing a gateway must still know after it was killed.

On disk a switched-off device is one HMAC in a small file; a device that is switched on leaves nothing there.
"""

import hashlib
import hmac
import itertools
from pathlib import Path
from typing import Protocol

from gateway.files import BadFile, write_private
from gateway.vault.client import Standing, VaultUnavailable

_MOST_STRANGERS = 65_536
_ASKED_AT_ONCE = 16  # devices, of a vault that takes 2 ms for each
_ASK_AGAIN_S = 5.0  # after a vault that did not answer: it may take as long to say so


class Register(Protocol):
    """Who knows which devices there are. Raises VaultUnavailable."""

    def standing(self, site_id: str) -> Standing | None:
        """None for a device no household has."""


class MuteSwitches:
    """Muted sites, kept in `path` when there is one: `set` takes a switch in, `flush` writes all that were, once.

    Off counts at once, on when it is written. Only devices the vault knows are written: a bounded number of others
    are remembered as long as this lives, so that strangers fill neither disk nor memory.

    Raises:
        BadFile: from the constructor, when the file cannot be read or is not one of these.
    """

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        self._path, self._key = path, key
        self._written = _read(path) if path is not None and path.exists() else set[str]()
        self._known = set(self._written)  # grows with the vault's devices, not with what is sent
        self._off = set(self._written)  # of those known
        self._changed = False
        self._unasked: dict[str, None] = {}  # off; whether the vault knows them is still to be asked
        self._strangers: dict[str, None] = {}  # off; the vault does not know them
        self._ask_at = 0.0
        self.unknown = 0  # how often a device that no household has was switched off
        self._said_ms: dict[str, tuple[int | None, int | None]] = {}  # event times of the last off and the last on

    def muted(self, site_id: str) -> bool:
        """Whether nothing of it may be kept: it is off, or was and its switch-on is not written yet."""
        return self.told_off(site_id) or self._mark(site_id) in self._written

    def told_off(self, site_id: str) -> bool:
        """What its switch said last, written or not."""
        return site_id in self._unasked or site_id in self._strangers or self._mark(site_id) in self._off

    def hear(self, site_id: str, muted: bool, at_ms: int | None, *, late: bool = False) -> bool:
        """A switch as its device said it, at its `at_ms` (None where that cannot be read); whether it was obeyed.

        An on older than the off is not, nor an off that a broker held for us (`late`) and that is older than the on.
        Times are in memory alone: when a microphone was switched is nobody's business on a disk.
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
        """What counts from now on, whenever it was said."""
        mark = self._mark(site_id)
        self._unasked.pop(site_id, None)
        self._strangers.pop(site_id, None)
        if muted and mark not in self._known:
            _bounded_put(self._unasked, site_id)
        else:
            (self._off.add if muted else self._off.discard)(mark)
            self._changed = True

    def flush(self, vault: Register, now: float) -> None:
        """Write what was switched since the last time; `now` is monotonic seconds.

        Raises:
            OSError: it cannot be written. Nothing is forgotten: the next flush tries again.
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
