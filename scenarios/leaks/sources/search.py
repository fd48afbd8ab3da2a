"""Searches what is wanted and gives the results in order. It works in this process, or on every core if there is much
of it.
"""

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType

import msgspec

from scenarios.leaks.detector import Haystack, LeakDetector, Searched
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.together import LARGEST, MOST, search_all
from scenarios.verdict import Finding

_ALONE = 2 * 1024 * 1024  # bytes searched before other processes are worth their start
_AHEAD = 2  # things a process may have waiting
_REPEATED = 16 * 1024  # from here on the same bytes are searched once
_REMEMBERED = 64
_MANY = 1_000  # small things searched together

Answered = tuple[Wanted, Searched]


class _Worker:
    """The detector of one process."""

    detector: LeakDetector | None = None


def _begin(detector: LeakDetector) -> None:
    _Worker.detector = detector


def _search(haystacks: Sequence[Haystack]) -> list[Searched]:
    assert _Worker.detector is not None  # noqa: S101 (set as the process starts)
    return search_all(_Worker.detector, haystacks)


class Search:
    """Searches with `jobs` processes, as a context manager. They share the detector's memory where the system can.

    Small things wait for others, to be searched together, unless each is wanted `at_once`.
    """

    def __init__(self, detector: LeakDetector, jobs: int = 1, *, at_once: bool = False) -> None:
        # Where a process cannot be split in two the detector would have to be built anew for each: not worth it.
        self._detector, self._jobs = detector, jobs if "fork" in multiprocessing.get_all_start_methods() else 1
        self._pool: ProcessPoolExecutor | None = None
        self._done = 0
        self._held: list[tuple[Haystack, int, Future[Searched]]] = []
        self._held_bytes = 0
        self._most = 0 if at_once else MOST
        self._running: deque[Future[list[Searched]]] = deque()
        self._remembered: dict[bytes, Future[Searched]] = {}

    def __enter__(self) -> "Search":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def each(self, wanted: Iterable[Wanted | Unread]) -> Iterator[Answered | Unread]:
        """Results in the order of what is wanted. It holds only as much as a few searches take."""
        waiting: deque[tuple[Wanted, Future[Searched]] | Unread] = deque()
        for each in wanted:
            waiting.append(each if isinstance(each, Unread) else (each, self._start(each)))
            while waiting and (_ready(waiting[0]) or self._is_busy()):
                yield self._ended(waiting.popleft())
        while waiting:
            yield self._ended(waiting.popleft())

    def _is_busy(self) -> bool:
        while self._running and self._running[0].done():
            self._running.popleft()
        return len(self._running) > _AHEAD * self._jobs

    def _ended(self, waiting: "tuple[Wanted, Future[Searched]] | Unread") -> Answered | Unread:
        if isinstance(waiting, Unread):
            return waiting
        wanted, future = waiting
        if not future.done():
            self._flush()
        return _told(wanted, future.result())

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
        """Hold it until enough has come together. A large thing begins at once, because it gains nothing by that."""
        future: Future[Searched] = Future()
        if size > LARGEST:
            self._begin([(haystack, size, future)])
            return future
        self._held.append((haystack, size, future))
        self._held_bytes += size
        if len(self._held) >= _MANY or self._held_bytes >= self._most:
            self._flush()
        return future

    def _flush(self) -> None:
        held, self._held, self._held_bytes = self._held, [], 0
        if held:
            self._begin(held)

    def _begin(self, held: Sequence[tuple[Haystack, int, "Future[Searched]"]]) -> None:
        haystacks = [haystack for haystack, _, _ in held]
        if self._jobs > 1 and self._done > _ALONE:
            group = self._others().submit(_search, haystacks)
            self._running.append(group)
        else:
            self._done += sum(size for _, size, _ in held)
            group = Future()
            group.set_result(search_all(self._detector, haystacks))
        group.add_done_callback(lambda done: _hand_out(done, [future for _, _, future in held]))

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
    """Whether it is one byte over and over. Empty blocks of a disk are, and there may be gigabytes of them."""
    return not data or data.count(data[0]) == len(data)


def _at_once(searched: Searched) -> "Future[Searched]":
    done: Future[Searched] = Future()
    done.set_result(searched)
    return done


def _ready(waiting: "tuple[Wanted, Future[Searched]] | Unread") -> bool:
    return isinstance(waiting, Unread) or waiting[1].done()


def _hand_out(group: "Future[list[Searched]]", futures: "Sequence[Future[Searched]]") -> None:
    if group.cancelled():
        return
    if error := group.exception():
        for future in futures:
            future.set_exception(error)
        return
    for future, searched in zip(futures, group.result(), strict=True):
        future.set_result(searched)


def _told(wanted: Wanted, searched: Searched) -> Answered:
    if len(wanted.parts) == 1:
        part = wanted.parts[0]
        placed = tuple(_placed(finding, part.kind, part.name) for finding in searched.findings)
        searched = msgspec.structs.replace(searched, findings=placed)
    return wanted, searched


def _placed(finding: Finding, kind: str, name: str) -> Finding:
    """The finding at its place. Bytes that were searched once may stand in several places."""
    where = msgspec.structs.replace(finding.where, kind=kind, name=name)
    return msgspec.structs.replace(finding, where=where)
