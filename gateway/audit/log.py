"""The audit log: who asked for what and whether they got it, as a hash chain of JSON lines. Never an identity.

A chain shows edits and cuts in its middle. A cut tail shows only against a head kept elsewhere: `verify_audit`
takes one.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from gateway.files import BadFile

Action = Literal[
    "login",
    "logout",
    "queue_seen",
    "clip_opened",
    "audio_served",
    "clip_annotated",
    "clip_withdrawn",
    "customer_looked_up",
    "site_asked",
    "customer_asked",
    "contact_checked",
    "case_asked",
    "case_approved",
    "case_read",
    "owners_asked",
    "household_forgotten",
]
Result = Literal["ok", "refused", "unknown", "unavailable", "limited"]

_ACTOR = re.compile(r"^(-|[a-z0-9][a-z0-9._-]{0,63})$")
_DETAIL = re.compile(r"^[a-z_]{1,32}$")
_REF = re.compile(r"^[A-Za-z0-9_-]{1,32}$")
_START = "0" * 64
_TAIL_BYTES = 4096  # several times the longest line


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `digest` is SHA-256 over the same line with an empty digest, hence over `previous` too."""

    number: int
    at: str
    actor: str
    action: Action
    result: Result
    clip: str | None = None
    detail: str | None = None
    previous: str
    digest: str = ""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest line: kept elsewhere, it proves that no tail was cut."""

    entries: int
    digest: str


class AuditBroken(ValueError):
    """The chain does not hold. The text names the line, never its content."""


class Audit(Protocol):
    """`actor` is an account or a process, `-` when nobody is known; `clip` is an opaque ref, `detail` a code."""

    def record(
        self, actor: str, action: Action, result: Result, clip: str | None = None, detail: str | None = None
    ) -> None: ...


class AuditMemory:
    """The same chain in memory."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self.entries: list[Entry] = []

    def record(
        self, actor: str, action: Action, result: Result, clip: str | None = None, detail: str | None = None
    ) -> None:
        head = Head(entries=len(self.entries), digest=self.entries[-1].digest if self.entries else _START)
        self.entries.append(_next(head, self._clock(), actor, action, result, clip, detail))


class AuditFile:
    """Appends to a file of mode 0600 that several threads and processes may share.

    Raises:
        BadFile: from the constructor, when the file cannot be written or its chain is broken.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._clock = path, clock
        try:
            os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600))
            verify_audit(path)
        except OSError as error:
            raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
        except AuditBroken as error:
            raise BadFile(f"{path}: {error}; keep it as evidence and start another audit log") from None

    def record(
        self, actor: str, action: Action, result: Result, clip: str | None = None, detail: str | None = None
    ) -> None:
        """Raises OSError when the line cannot be written: what is not logged must not happen."""
        handle = os.open(self._path, os.O_APPEND | os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            entry = _next(_head_of(handle), self._clock(), actor, action, result, clip, detail)
            os.write(handle, msgspec.json.encode(entry) + b"\n")
        finally:
            os.close(handle)


def verify_audit(path: Path, head: Head | None = None) -> Head:
    """The head of an intact log.

    Raises:
        AuditBroken: a line was changed, removed, added or cut short, or `head` is no longer in the log.
        OSError: the file cannot be read.
    """
    digests = [_START]
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        raise AuditBroken(f"line {len(lines) + 1}: cut short")
    for number, line in enumerate(lines, start=1):
        entry = _parse(line, number)
        if (entry.number, entry.previous) != (number, digests[-1]) or entry.digest != _digest(entry):
            raise AuditBroken(f"line {number}: does not follow from the line before")
        digests.append(entry.digest)
    if head is not None and (head.entries >= len(digests) or digests[head.entries] != head.digest):
        raise AuditBroken(f"line {len(digests)}: lines are missing that were here before")
    return Head(entries=len(digests) - 1, digest=digests[-1])


def _next(
    head: Head, at: datetime, actor: str, action: Action, result: Result, clip: str | None, detail: str | None
) -> Entry:
    if not _ACTOR.match(actor) or (clip is not None and not _REF.match(clip)):
        raise ValueError("audit: an actor is an account name, a clip an opaque ref")
    if detail is not None and not _DETAIL.match(detail):
        raise ValueError("audit: a detail is a code")
    entry = Entry(
        number=head.entries + 1,
        at=at.isoformat(timespec="seconds"),
        actor=actor,
        action=action,
        result=result,
        clip=clip,
        detail=detail,
        previous=head.digest,
    )
    return msgspec.structs.replace(entry, digest=_digest(entry))


def _digest(entry: Entry) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(entry, digest=""))).hexdigest()


def _parse(line: bytes, number: int) -> Entry:
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AuditBroken(f"line {number}: not an audit entry") from None
    if msgspec.json.encode(entry) != line:
        raise AuditBroken(f"line {number}: not as it was written")
    return entry


def _head_of(handle: int) -> Head:
    size = os.fstat(handle).st_size
    if size == 0:
        return Head(entries=0, digest=_START)
    last = os.pread(handle, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).rstrip(b"\n").rpartition(b"\n")[2]
    entry = msgspec.json.decode(last, type=Entry)
    return Head(entries=entry.number, digest=entry.digest)
