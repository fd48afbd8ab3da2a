"""The audit log: who asked for what and whether they got it, as a keyed hash chain of JSON lines. Never an identity.

Beside the log `LOG` lie its key, `LOG.key`, and its newest head, `LOG.head`. The head shows a cut tail or an emptied
file at the next line. Somebody who may write all three can write another log: that shows only against a head that was
kept elsewhere (`earlid audit head`, `earlid audit verify --head`).
"""

import fcntl
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.audit.entry import START, Action, AuditBroken, AuditKey, Entry, Head, Result, Said, head_of, parse_entry
from gateway.files import BadFile
from gateway.keys import make_or_read_key, read_key

__all__ = [
    "Action",
    "Audit",
    "AuditBroken",
    "AuditFile",
    "AuditMemory",
    "Head",
    "ReadableAudit",
    "Result",
    "Said",
    "entries_of",
    "key_of",
    "verify_audit",
]

_TAIL_BYTES = 4096  # several times the longest line
_HEAD_BYTES = 512


class Audit(ABC):
    """Somewhere to write lines."""

    def record(
        self,
        actor: str,
        action: Action,
        result: Result,
        clip: str | None = None,
        detail: str | None = None,
        *,
        source: str | None = None,
        memory: int | None = None,
    ) -> None:
        """Write a line; its fields are those of `Said`. The caller must not act if this raises.

        Raises:
            ValueError: a field is not of its form.
            And what `write` raises.
        """
        self.write(
            Said(actor=actor, action=action, result=result, clip=clip, detail=detail, source=source, memory=memory)
        )

    @abstractmethod
    def write(self, said: Said) -> None:
        """Give the line its place in the chain."""


class ReadableAudit(Audit):
    """A log that can be read back, for those who check it."""

    @abstractmethod
    def lines(self) -> Iterator[Entry]:
        """The oldest first."""

    @abstractmethod
    def head(self) -> str:
        """The newest signed head. Keep a copy elsewhere."""


class AuditMemory(ReadableAudit):
    """The same chain in memory."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock, self._key = clock, AuditKey(bytes(32))
        self.entries: list[Entry] = []

    def write(self, said: Said) -> None:
        head = head_of(self.entries[-1]) if self.entries else Head(entries=0, digest=START)
        self.entries.append(self._key.next(head, self._clock(), said))

    def lines(self) -> Iterator[Entry]:
        return iter(list(self.entries))

    def head(self) -> str:
        return self._key.signed(head_of(self.entries[-1]) if self.entries else Head(entries=0, digest=START))


class AuditFile(ReadableAudit):
    """Appends to a file of mode 0600 that several threads and processes may share.

    Raises:
        BadFile: from the constructor, when the file cannot be written or its chain is broken.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._clock, self._lock = path, clock, threading.Lock()
        self._proved: tuple[bytes, Head] | None = None
        try:
            self._key = AuditKey(make_or_read_key(key_of(path)))
            self._log, self._heads = (
                os.open(each, os.O_CREAT | os.O_APPEND * (each == path) | os.O_RDWR, 0o600)
                for each in (path, _beside(path, "head"))
            )
            # Processes that share a log may open it at the same moment. Nothing is judged before the lock is held.
            fcntl.flock(self._log, fcntl.LOCK_EX)
            try:
                head = self._written_head()
                now = verify_audit(path, head)
                if head is None and now.entries:
                    raise AuditBroken("its head is missing")
            finally:
                fcntl.flock(self._log, fcntl.LOCK_UN)
        except OSError as error:
            raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
        except AuditBroken as error:
            raise BadFile(f"{path}: {error}; keep it as evidence and start another audit log") from None

    def write(self, said: Said) -> None:
        """Append a line to the file.

        Raises:
            OSError: the line cannot be written; nothing of it is left.
            AuditBroken: the file was cut, emptied or replaced since.
        """
        with self._lock:
            fcntl.flock(self._log, fcntl.LOCK_EX)
            try:
                entry = self._key.next(self._last(), self._clock(), said)
                self._append(_line(entry))
                signed = self._key.signed(head_of(entry)).encode().ljust(_HEAD_BYTES)
                os.pwrite(self._heads, signed, 0)
                self._proved = signed, head_of(entry)
            finally:
                fcntl.flock(self._log, fcntl.LOCK_UN)

    def lines(self) -> Iterator[Entry]:
        return entries_of(self._path)

    def head(self) -> str:
        return os.pread(self._heads, _HEAD_BYTES, 0).decode("ascii", "replace").strip()

    def _append(self, line: bytes) -> None:
        """Append the whole line or nothing, also when the disk is full."""
        size = os.fstat(self._log).st_size
        try:
            if os.write(self._log, line) == len(line):
                return
        except OSError:
            os.ftruncate(self._log, size)
            raise
        os.ftruncate(self._log, size)
        raise OSError(28, "No space left on device")

    def _last(self) -> Head:
        """The last line. It must be the line of the head, or the next one if a kill came between the two writes."""
        if self._path.stat().st_ino != os.fstat(self._log).st_ino:
            raise AuditBroken("the file was replaced")
        head = self._written_head() or Head(entries=0, digest=START)
        size = os.fstat(self._log).st_size
        if size == 0:
            if head.entries:
                raise AuditBroken("line 1: lines are missing that were here before")
            return head
        tail = os.pread(self._log, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        last = parse_entry(tail.rstrip(b"\n").rpartition(b"\n")[2], head.entries)
        follows = last.previous == head.digest and last.number == head.entries + 1
        if last.digest != self._key.digest(last) or not (follows or last.digest == head.digest):
            raise AuditBroken(f"line {last.number}: lines are missing that were here before, or were added")
        return head_of(last)

    def _written_head(self) -> Head | None:
        written = os.pread(self._heads, _HEAD_BYTES, 0)
        if self._proved and self._proved[0] == written:  # as this process signed it: its signature need not be asked
            return self._proved[1]
        text = written.decode("ascii", "replace").strip()
        return self._key.head(text) if text else None


def key_of(path: Path) -> Path:
    """The default place of a log's key."""
    return _beside(path, "key")


def verify_audit(path: Path, head: Head | None = None, key: bytes | None = None) -> Head:
    """The head of an intact log. By default the key beside the log is used.

    Raises:
        AuditBroken: a line was changed, removed, added, moved, dated back or cut short, or `head` is no longer in it.
        BadFile: the key is not to be had.
        OSError: the file cannot be read.
    """
    chain = AuditKey(read_key(key_of(path)) if key is None else key)
    at, digests = [""], [START]
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        raise AuditBroken(f"line {len(lines) + 1}: cut short")
    for number, line in enumerate(lines, start=1):
        entry = parse_entry(line, number)
        if (entry.number, entry.previous) != (number, digests[-1]) or entry.digest != chain.digest(entry):
            raise AuditBroken(f"line {number}: does not follow from the line before")
        if entry.at < at[-1]:
            raise AuditBroken(f"line {number}: dated before the line above it")
        digests.append(entry.digest)
        at.append(entry.at)
    if head is not None:
        _holds(head, digests, at)
    return Head(entries=len(digests) - 1, digest=digests[-1], at=at[-1])


def entries_of(path: Path) -> Iterator[Entry]:
    """The lines of a log, unverified. Raises AuditBroken, OSError."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            yield parse_entry(line.rstrip(b"\n"), number)


def _holds(head: Head, digests: list[str], at: list[str]) -> None:
    if head.entries >= len(digests):
        raise AuditBroken(f"line {len(digests)}: lines are missing that were here before")
    if digests[head.entries] != head.digest:
        raise AuditBroken(
            f"line {head.entries}: not the line that was here before; lines are missing or were rewritten"
        )
    if head.entries + 1 < len(at) and at[head.entries + 1] < head.at:
        raise AuditBroken(f"line {head.entries + 1}: dated before the head")


def _line(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}.{what}")
