"""What is wanted -> what was found, in order: in this process, or on every core once there is much of it."""

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType

import msgspec

from scenarios.leaks.detector import Haystack, LeakDetector, Searched
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.verdict import Finding

_ALONE = 2 * 1024 * 1024  # bytes searched before other processes are worth their start
_AHEAD = 2  # things a process may have waiting
_REPEATED = 16 * 1024  # from here on the same bytes are searched once
_REMEMBERED = 64

Told = tuple[Wanted, Searched]


class _Worker:
    """The detector of one process."""

    detector: LeakDetector | None = None


def _begin(detector: LeakDetector) -> None:
    _Worker.detector = detector


def _search(haystack: Haystack) -> Searched:
    assert _Worker.detector is not None  # noqa: S101 (set as the process starts)
    return _Worker.detector.search(haystack)


class Search:
    """Searches with `jobs` processes, as a context manager. They share the detector's memory where the system can."""

    def __init__(self, detector: LeakDetector, jobs: int = 1) -> None:
        # Where a process cannot be split in two the detector would have to be built anew for each: not worth it.
        self._detector, self._jobs = detector, jobs if "fork" in multiprocessing.get_all_start_methods() else 1
        self._pool: ProcessPoolExecutor | None = None
        self._done = 0
        self._remembered: dict[bytes, Future[Searched]] = {}

    def __enter__(self) -> "Search":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def each(self, wanted: Iterable[Wanted | Unread]) -> Iterator[Told | Unread]:
        """In the order they come; no more than a few a process are held at a time."""
        waiting: deque[tuple[Wanted, Future[Searched]] | Unread] = deque()
        for each in wanted:
            waiting.append(each if isinstance(each, Unread) else (each, self._start(each)))
            while len(waiting) > _AHEAD * self._jobs or (waiting and _ready(waiting[0])):
                yield _ended(waiting.popleft())
        while waiting:
            yield _ended(waiting.popleft())

    def _start(self, wanted: Wanted) -> "Future[Searched]":
        size = sum(len(part.data) for part in wanted.parts)
        if all(_is_one_byte(part.data) for part in wanted.parts):
            return _at_once(Searched(findings=(), notes=(), bytes=size))
        if size < _REPEATED:
            return self._submit(Haystack(parts=wanted.parts), size)
        digest = hashlib.blake2b(digest_size=16)
        for part in wanted.parts:
            digest.update(part.data)
        key = digest.digest()
        if key not in self._remembered:
            while len(self._remembered) >= _REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[key] = self._submit(Haystack(parts=wanted.parts), size)
        return self._remembered[key]

    def _submit(self, haystack: Haystack, size: int) -> "Future[Searched]":
        if self._jobs > 1 and self._done > _ALONE:
            return self._others().submit(_search, haystack)
        self._done += size
        return _at_once(self._detector.search(haystack))

    def _others(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs,
                mp_context=multiprocessing.get_context("fork"),
                initializer=_begin,
                initargs=(self._detector,),
            )
        return self._pool


def _is_one_byte(data: bytes) -> bool:
    """Nothing stands in a disk's empty blocks, and there may be gigabytes of them."""
    return not data or data.count(data[0]) == len(data)


def _at_once(searched: Searched) -> "Future[Searched]":
    done: Future[Searched] = Future()
    done.set_result(searched)
    return done


def _ready(waiting: "tuple[Wanted, Future[Searched]] | Unread") -> bool:
    return isinstance(waiting, Unread) or waiting[1].done()


def _ended(waiting: "tuple[Wanted, Future[Searched]] | Unread") -> Told | Unread:
    if isinstance(waiting, Unread):
        return waiting
    wanted, future = waiting
    searched = future.result()
    if len(wanted.parts) == 1:
        part = wanted.parts[0]
        placed = tuple(_placed(finding, part.kind, part.name) for finding in searched.findings)
        searched = msgspec.structs.replace(searched, findings=placed)
    return wanted, searched


def _placed(finding: Finding, kind: str, name: str) -> Finding:
    """Bytes that were searched once stand in more than one place."""
    where = msgspec.structs.replace(finding.where, kind=kind, name=name)
    return msgspec.structs.replace(finding, where=where)
