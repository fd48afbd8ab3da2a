"""Waits until a system without receipts has done its work, and reads what it kept."""

import hashlib
import json
import time
from collections.abc import Callable, Collection
from pathlib import Path

import httpx
import msgspec

from gateway.files import BadFile
from scenarios.kept.read.clip import KeptClip, Read, Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.model.targets.kept import KeptNone
from scenarios.model.targets.target_file import Own

_IDLE: tuple[object, ...] = (0, {}, [], "", False)


def settled(
    target: Own,
    beside: Path,
    check: Callable[[], None],
    *,
    now_s: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Read | str, str | None]:
    """(what was kept or why nothing could be read, why it may not be everything). `check` raises if a part has
    ended."""
    until = now_s() + target.settle.most_s
    if target.receipts:
        return _read(target, beside), None  # the watermark said so
    seen, since = "", now_s()
    while True:
        check()
        read = _read(target, beside)
        mark = read if isinstance(read, str) else _mark(read)
        if mark != seen:
            seen, since = mark, now_s()
        quiet = now_s() - since >= target.settle.quiet_s
        if quiet and not isinstance(read, str) and _idle(target):
            return read, None
        if now_s() >= until:
            if isinstance(read, str):
                return read, None
            return read, f"the system was still at work after {target.settle.most_s:g} s (settle.most_s)"
        sleep(min(0.5, target.settle.quiet_s / 2))


def kept_already(target: Own, beside: Path) -> frozenset[bytes]:
    """A digest of each clip that is there before the fleet speaks: clips of an earlier run, for example.

    A system that keeps its first clip later may have no file or folder yet.
    """
    try:
        read = _read(target, beside)
    except BadFile:
        return frozenset()
    return frozenset(map(_digest, read.clips)) if isinstance(read, Read) else frozenset()


def without(read: Read, already: Collection[bytes]) -> tuple[Read, int]:
    """The clips that are new or changed since `kept_already`, and the number of the others."""
    fresh = tuple(clip for clip in read.clips if _digest(clip) not in already)
    return msgspec.structs.replace(read, clips=fresh), len(read.clips) - len(fresh)


def _digest(clip: KeptClip) -> bytes:
    return hashlib.sha256(clip.record).digest() + hashlib.sha256(clip.audio or b"").digest()


def _read(target: Own, beside: Path) -> Read | str:
    if isinstance(target.kept, KeptNone):
        return Read(clips=())
    try:
        return read_kept(target, beside)
    except Unreadable as error:
        return str(error)


def _mark(read: Read) -> str:
    made = hashlib.sha256()
    for clip in read.clips:
        made.update(_digest(clip))
    return f"{len(read.clips)} {made.hexdigest()} {read.notes}"


def _idle(target: Own) -> bool:
    if target.settle.idle is None:
        return True
    try:
        with httpx.Client(timeout=5.0, trust_env=False) as client, client.stream("GET", target.settle.idle) as answer:
            body = next(answer.iter_bytes(4_096), b"") if answer.status_code == 200 else b"?"
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    try:
        return json.loads(body or b'""') in _IDLE
    except (ValueError, RecursionError):
        return False
