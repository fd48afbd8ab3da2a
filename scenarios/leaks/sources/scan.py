"""Searches files, folders and web addresses, as `earlid scan` does."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

import msgspec

from gateway.files import BadFile
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.haystack import Part
from scenarios.leaks.searchable import open_searchable
from scenarios.leaks.sources.folder import files_below
from scenarios.leaks.sources.follow import follow
from scenarios.leaks.sources.network.database import is_database, rows_of_database
from scenarios.leaks.sources.network.remote import is_remote, remote_files, without_user
from scenarios.leaks.sources.network.site import Fetched, SignIn, fetched
from scenarios.leaks.sources.opened import of_pieces, opened, opened_file
from scenarios.leaks.sources.raw import raw
from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.sources.search import Search
from scenarios.leaks.sources.tally import ScanResult, Tally
from scenarios.verdict import Finding

Progress = Callable[[str], None]
_STREAM = re.compile(r"/dev/(?:stdin|fd/\d+)|/proc/self/fd/\d+")  # what a shell makes of <(command)


def scan_targets(
    identities: Path,
    targets: Sequence[str],
    *,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
    jobs: int = 1,
    key: bytes | None = None,
    ignore: Sequence[str] = (),
    allowed: Callable[[Iterable[str]], None] | None = None,
    following: bool = False,
    found: Callable[[Finding], None] | None = None,
    sign_in: SignIn | None = None,
) -> ScanResult:
    """Search every target for everything in the file: a path, an address (http, mqtt, postgresql, mysql, or any file
    system that fsspec knows) or "-" (`stdin`).

    `progress` is told the (masked) name of each thing as it is searched. `key` makes the marks of values the same in
    every scan with it. Files whose path fits a pattern in `ignore` are not opened, and that is said.

    `allowed` is asked before the search, with the fields that are looked for or left out. What it raises ends the scan.

    `sign_in` signs in to the sites among the targets. With `following` the targets are files that grow: each finding
    goes to `found` as it comes, until a KeyboardInterrupt.

    Raises:
        BadFile: the identities file is wrong or names nobody who could be found, or a target is neither there nor an
            address that answers.
    """
    detector = open_searchable(identities).detector(key=key)
    if allowed:
        allowed({*detector.fields, *detector.left_out})
    tally = Tally()
    wanted = (
        _followed(targets, detector) if following else _wanted(targets, detector, identities, stdin, ignore, sign_in)
    )
    with Search(detector, jobs, at_once=following) as search:
        for told in search.each(wanted):
            if isinstance(told, Unread):
                tally.note(told)
                continue
            one, searched = told
            for finding in tally.add(one, searched):
                if found:
                    found(finding)
            if progress and one.thing:
                progress(one.name)
    return msgspec.structs.replace(tally.result(), needles=detector.fields, left_out=detector.left_out)


def _wanted(
    targets: Sequence[str],
    detector: LeakDetector,
    identities: Path,
    stdin: BinaryIO | None,
    ignore: Sequence[str],
    sign_in: SignIn | None,
) -> Iterator[Wanted | Unread]:
    for target in targets:
        if target == "-":
            yield from _of_stream(stdin or sys.stdin.buffer, "standard input", detector)
        elif _STREAM.fullmatch(target):
            with Path(target).open("rb") as stream:
                yield from _of_stream(stream, target, detector)
        elif target.startswith(("http://", "https://")):
            for answer in fetched(target, masked=detector.masked, sign_in=sign_in):
                yield from (answer,) if isinstance(answer, Unread) else _of_answer(answer, detector)
        elif target.startswith(("mqtt://", "mqtts://")):
            yield from _of_broker(target, detector)
        elif is_database(target):
            name = detector.masked(without_user(target))
            yield Wanted(name=name, parts=(Part(kind="database", name=name, data=b""),), thing=True)
            yield from of_pieces(rows_of_database(target, detector.masked), name, masked=detector.masked)
        elif is_remote(target):
            for file in remote_files(target, detector.masked):
                if isinstance(file, Unread):
                    yield file
                    continue
                name, content = file
                yield from opened_file(content, name, path=name.encode(), masked=detector.masked)
        else:
            yield from _of_path(Path(target), detector, identities, ignore)


def _followed(targets: Sequence[str], detector: LeakDetector) -> Iterator[Wanted | Unread]:
    """Reads text files as they grow. Packed files cannot be followed."""
    paths = [Path(target) for target in targets]
    for path in paths:
        if not path.is_file():
            raise BadFile(f"{detector.masked(str(path))}: no file; allowed with --follow: files that are there")
    yield from follow(paths, detector.masked)


def _of_path(path: Path, detector: LeakDetector, identities: Path, ignore: Sequence[str]) -> Iterator[Wanted | Unread]:
    """One file, or every file below a folder."""
    if not path.exists():
        raise BadFile(f"{detector.masked(str(path))}: no such file or folder, and no http(s) address")
    for file in files_below(path, detector.masked):
        if isinstance(file, Unread):
            yield file
            continue
        name = detector.masked(str(file))
        if any(fnmatch(str(file), pattern) or fnmatch(file.name, pattern) for pattern in ignore):
            yield Unread(kind="ignored", name=name, why="left out", detail="as --ignore says")
            continue
        try:
            if file.samefile(identities):
                yield Unread(kind="identities", name=name, why="left out", detail="the identities file itself")
                continue
            yield from opened_file(Content(file), name, path=os.fsencode(file), masked=detector.masked)
        except OSError as error:
            yield Unread(kind="file", name=name, why="unreadable", detail=error.strerror or "cannot be read")


def _of_stream(stream: BinaryIO, name: str, detector: LeakDetector) -> Iterator[Wanted | Unread]:
    """Searches text as it comes. A stream that begins like a file of some kind is kept until it ends."""
    head = stream.read(STEP)
    yield Wanted(name=name, parts=(Part(kind="stream", name=name, data=b""),), thing=True)
    rest = iter(lambda: stream.read(STEP), b"")
    if head.isascii() or b"\x00" not in head:
        yield from raw(_after(head, rest), name, (), "stream")
        return
    content = Content(_after(head, rest))
    try:
        yield from opened(content, name, masked=detector.masked, kind="stream")
    finally:
        content.close()


def _after(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _of_answer(answer: Fetched, detector: LeakDetector) -> Iterator[Wanted | Unread]:
    yield Wanted(name=answer.name, parts=answer.parts, thing=True)
    yield from opened(Content((answer.body,)), answer.name, masked=detector.masked, kind="response_body")


def _of_broker(url: str, detector: LeakDetector) -> Iterator[Wanted | Unread]:
    """What a broker retains, as a new subscriber gets it."""
    from scenarios.leaks.sources.network.retained import retained  # amqtt takes its time to load

    parts, cut = retained(url, masked=detector.masked)
    name = detector.masked(url.rpartition("@")[2])
    yield Wanted(name=name, parts=tuple(parts), thing=True)
    if cut:
        yield Unread(kind="broker", name=name, why="over bounds", detail=f"{cut}, searched up to there")
