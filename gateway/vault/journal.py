"""Stores what a vault must remember after a kill: used tries and break-glass cases. Each line is sealed.

A record is on the disk before its answer is sent. If a kill cut the last line short, its answer was never sent, and the
line is dropped. Any other line that cannot be opened means damage, and the vault does not start.
"""

import os
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from gateway.files import BadFile, write_private
from gateway.vault.messages import Reason
from gateway.vault.sealing import NotSealed, Seal

_PURPOSE = "memory"


class Tried(msgspec.Struct, frozen=True, kw_only=True, tag="tried"):
    """One answered contact check. `day` is ISO 8601; `sound` is the Metaphone key of the name."""

    clip: str
    household: str
    day: str
    reviewer: str = "-"
    sound: str = ""
    missed: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True, tag="case"):
    """The current state of a break-glass case. `household` is the vault's label and never leaves the vault."""

    name: str
    household: str
    clip: str
    reason: Reason
    asked_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    denied_by: str | None = None
    closed: bool = False
    opens: int = 0


Record = Tried | Case


class Counted(msgspec.Struct, frozen=True, kw_only=True, tag="counted"):
    """The first line: how many records were added before the lines below. It reveals an older copy of the file."""

    before: int


def without_household(record: Record, household: str) -> Record | None:
    """The records without a forgotten household. It stays known that a reviewer asked, so no try comes back."""
    if record.household != household:
        return record
    return msgspec.structs.replace(record, household="", clip="-", sound="") if isinstance(record, Tried) else None


class VaultJournal(Protocol):
    """Keeps tries and cases. Safe to call from several threads."""

    def records(self) -> list[Record]:
        """All records, the oldest first."""

    def add(self, record: Record) -> None:
        """Add a record. Returns when it cannot be lost any more."""

    def change(self, new: Callable[[Record], Record | None]) -> None:
        """Write every record anew, or forget it."""


class JournalInMemory:
    """A journal that ends with the process."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def records(self) -> list[Record]:
        return list(self._records)

    def add(self, record: Record) -> None:
        self._records.append(record)

    def change(self, new: Callable[[Record], Record | None]) -> None:
        self._records = [left for record in self._records if (left := new(record)) is not None]


class JournalFile:
    """One sealed line a record, in a file of mode 0600.

    Raises:
        BadFile: from the constructor, when the file cannot be read, or was sealed with another key or changed.
    """

    def __init__(self, path: Path, seal: Seal) -> None:
        self._path, self._seal, self._lock = path, seal, threading.Lock()
        self._before, self._records = self._read()
        self._write(self._records)

    @property
    def count(self) -> int:
        """How many records were added since the first start."""
        return self._before + len(self._records)

    def reseal(self, seal: Seal) -> None:
        """Write the file anew under another key."""
        with self._lock:
            self._seal = seal
            self._write(self._records)

    def records(self) -> list[Record]:
        with self._lock:
            return list(self._records)

    def add(self, record: Record) -> None:
        with self._lock, self._path.open("ab") as file:
            file.write(self._line(record))
            file.flush()
            os.fsync(file.fileno())
            self._records.append(record)

    def change(self, new: Callable[[Record], Record | None]) -> None:
        with self._lock:
            left = [kept for record in self._records if (kept := new(record)) is not None]
            count = self.count
            self._before = count - len(left)
            self._write(left)
            self._records = left

    def _read(self) -> tuple[int, list[Record]]:
        try:
            *lines, _torn = self._path.read_bytes().split(b"\n") if self._path.exists() else [b""]
            read = [self._record(line) for line in lines]
        except OSError as error:
            raise BadFile(f"{self._path}: {error.strerror or 'cannot be read'}") from None
        except (NotSealed, msgspec.DecodeError, UnicodeError):
            raise BadFile(f"{self._path}: sealed with another key, or damaged") from None
        before = sum(record.before for record in read if isinstance(record, Counted))
        return before, [record for record in read if not isinstance(record, Counted)]

    def _write(self, records: Iterable[Record]) -> None:
        """Write the whole file again, in one step. Forgotten records are then gone from the disk."""
        try:
            lines = (self._line(record) for record in (Counted(before=self._before), *records))
            write_private(self._path, b"".join(lines))
        except OSError as error:
            raise BadFile(f"{self._path}: {error.strerror or 'cannot be written'}") from None

    def _line(self, record: Record | Counted) -> bytes:
        return self._seal.close_text(msgspec.json.encode(record).decode(), _PURPOSE).encode() + b"\n"

    def _record(self, line: bytes) -> Record | Counted:
        record: Record | Counted = msgspec.json.decode(
            self._seal.open_text(line.decode(), _PURPOSE), type=Record | Counted
        )
        return record
