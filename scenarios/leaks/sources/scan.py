"""Files, folders and web addresses -> findings: the detector by itself, as `earlid scan` runs it."""

import io
import os
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec

from gateway.files import BadFile
from gateway.identities import load_identities
from scenarios.leaks.decode.containers import begins_container
from scenarios.leaks.detector import OVERLAP, PIECE, Haystack, LeakDetector, Part
from scenarios.leaks.sources.databases import batches_of, is_sqlite
from scenarios.leaks.sources.har import entries, is_har
from scenarios.leaks.sources.links import links_in
from scenarios.verdict import Finding

Progress = Callable[[str], None]

MAX_BYTES = 64 * 1024 * 1024  # of one response; what lies beyond is noted as not searched
MAX_PAGES = 500
MAX_DEPTH = 3  # links away from the address that was given
_TIMEOUT_S = 10.0  # without an answer, or without another piece of it
_PATIENCE_S = 60.0  # for one whole answer


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """`files` counts files and responses; `notes` say what was not, or not wholly, searched."""

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    notes: tuple[str, ...]


class _Tally:
    """What one scan gathers."""

    def __init__(self, detector: LeakDetector, progress: Progress | None) -> None:
        self.detector = detector
        self._progress = progress
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._files = self._bytes = 0

    def add(self, name: str, parts: Sequence[Part], *, more: bool = False, overlap: int = 0) -> None:
        """Search one thing, or `more` of the one before, of whose last `overlap` bytes it begins with."""
        searched = self.detector.search(Haystack(parts=tuple(parts)))
        told = {(f.fingerprint, f.household_id, f.person_id) for f in self._findings} if more else set()
        self._findings += [f for f in searched.findings if (f.fingerprint, f.household_id, f.person_id) not in told]
        self._notes += [note for note in searched.notes if not more or note not in self._notes]
        self._files += not more
        self._bytes += searched.bytes - overlap
        if self._progress:
            self._progress(name)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def result(self) -> ScanResult:
        return ScanResult(
            findings=tuple(self._findings), files=self._files, bytes=self._bytes, notes=tuple(self._notes)
        )


def scan_targets(
    identities: Path, targets: Sequence[str], *, progress: Progress | None = None, stdin: BinaryIO | None = None
) -> ScanResult:
    """Search every target, a path, an http(s) or mqtt(s) address or "-" (`stdin`), for everything in the file.

    `progress` is told the (masked) name of each thing once it is searched.

    Raises:
        BadFile: the identities file is wrong, or a target is neither there nor an address that answers.
    """
    tally = _Tally(LeakDetector(load_identities(identities)), progress)
    for target in targets:
        if target == "-":
            scan_stream(stdin or sys.stdin.buffer, tally)
        elif target.startswith(("http://", "https://")):
            scan_url(target, tally)
        elif target.startswith(("mqtt://", "mqtts://")):
            scan_broker(target, tally)
        else:
            scan_path(Path(target), tally, identities)
    return tally.result()


def scan_path(path: Path, tally: _Tally, identities: Path) -> None:
    """One file, or every file below a folder; links that lead elsewhere are noted, not followed."""
    if not path.exists():
        raise BadFile(f"{tally.detector.masked(str(path))}: no such file or folder, and no http(s) address")
    for file in _files(path, tally):
        name = tally.detector.masked(str(file))
        if file.samefile(identities):
            tally.note(f"{name}: the identities file itself, not searched")
            continue
        try:
            with file.open("rb") as opened:
                scan_file(opened, file, name, tally)
        except OSError as error:
            tally.note(f"{name}: not searched to the end ({error.strerror or 'cannot be read'})")


def scan_file(opened: BinaryIO, file: Path, name: str, tally: _Tally) -> None:
    """A file's name, its bytes piece by piece, and what its format holds."""
    data = opened.read(PIECE)
    whole = not opened.peek(1) if isinstance(opened, io.BufferedReader) else True
    parts = [Part(kind="file_name", name=name, data=os.fsencode(file)), Part(kind="file", name=name, data=data)]
    if whole:
        tally.add(name, parts)
    else:
        if begins_container(data[:64]):
            tally.note(f"{name}: compressed, and longer than {PIECE} bytes, searched up to there")
        tally.add(name, parts)
        scan_stream(opened, tally, name=name, kind="file", rest=data[-OVERLAP:])
    scan_inside(file, data, name, tally, whole=whole)


def scan_inside(file: Path, data: bytes, name: str, tally: _Tally, *, whole: bool = True) -> None:
    """What a file holds beyond its bytes: a database's rows, a HAR file's responses by name."""
    if is_sqlite(data):
        try:
            for at, rows in enumerate(batches_of(file)):
                tally.add(name, [Part(kind="database", name=name, data=rows)], more=at > 0)
        except sqlite3.Error as error:
            tally.note(f"{name}: its rows were not searched ({type(error).__name__})")
    elif not whole and is_har(data):
        tally.note(f"{name}: longer than {PIECE} bytes, searched as text only")
    elif file.suffix == ".har" or is_har(data):
        try:
            for shown, parts in entries(data, name, tally.detector):
                tally.add(shown, parts)
        except msgspec.DecodeError:
            tally.note(f"{name}: not made like a HAR file, searched as text only")


def scan_stream(
    stream: BinaryIO, tally: _Tally, *, name: str = "standard input", kind: str = "stream", rest: bytes = b""
) -> None:
    """What is read, piece by piece: pieces overlap, so that nothing between two of them is missed."""
    more = bool(rest)
    while piece := stream.read(PIECE):
        tally.add(name, [Part(kind=kind, name=name, data=rest + piece)], more=more, overlap=len(rest))
        rest, more = piece[-OVERLAP:], True


def _files(path: Path, tally: _Tally) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return

    def unreadable(error: OSError) -> None:
        name = tally.detector.masked(str(error.filename))
        tally.note(f"{name}: not searched ({error.strerror or 'cannot be read'})")

    for folder, folders, files in os.walk(path, onerror=unreadable):
        folders.sort()
        for name in sorted(files):
            file = Path(folder, name)
            if file.is_symlink() or not file.is_file():
                tally.note(f"{tally.detector.masked(str(file))}: not searched (a link or no regular file)")
            else:
                yield file


def scan_broker(url: str, tally: _Tally) -> None:
    """What a broker retains, as a new subscriber gets it."""
    from scenarios.leaks.sources.retained import retained  # amqtt takes its time to load

    parts, cut = retained(url, masked=tally.detector.masked)
    tally.add(tally.detector.masked(url.rpartition("@")[2]), parts)
    if cut:
        tally.note(f"{tally.detector.masked(url.rpartition('@')[2])}: {cut}, searched up to there")


def scan_url(url: str, tally: _Tally) -> None:
    """The address and what it links to on the same origin, at most MAX_DEPTH away, by GET and without a login."""
    try:
        start = httpx.URL(url)
    except httpx.InvalidURL:
        raise BadFile(f"{tally.detector.masked(url)}: not an http(s) address") from None
    waiting, seen = deque([(start, 0)]), {start}
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        while waiting:
            address, depth = waiting.popleft()
            fetched = _fetch(client, address, tally, first=address == start)
            if fetched is None:
                continue
            if fetched[0].is_redirect and not any(_same_origin(link, start) for link in links_in(*fetched)):
                tally.note(f"{tally.detector.masked(str(address))}: redirects to another origin, not followed")
            for link in links_in(*fetched):
                if link in seen or not _same_origin(link, start):
                    continue
                if depth >= MAX_DEPTH or len(seen) >= MAX_PAGES:
                    tally.note(f"{tally.detector.masked(str(link))}: not searched (too many links away)")
                    continue
                seen.add(link)
                waiting.append((link, depth + 1))


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _fetch(client: httpx.Client, url: httpx.URL, tally: _Tally, *, first: bool) -> tuple[httpx.Response, bytes] | None:
    name = tally.detector.masked(str(url))
    body, whole = bytearray(), True
    deadline = time.monotonic() + _PATIENCE_S
    try:
        with client.stream("GET", url) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES or time.monotonic() > deadline:
                    whole = False
                    break
    except httpx.HTTPError as error:
        if first:
            raise BadFile(f"{name}: does not answer ({type(error).__name__})") from None
        tally.note(f"{name}: not searched ({type(error).__name__})")
        return None
    if not whole:
        tally.note(f"{name}: only the first {min(len(body), MAX_BYTES)} bytes were searched, there was no end")
    tally.add(name, _parts(response, bytes(body[:MAX_BYTES]), name, tally.detector))
    return response, bytes(body)


def _parts(response: httpx.Response, body: bytes, name: str, detector: LeakDetector) -> list[Part]:
    status = f"{response.status_code} {response.reason_phrase}".encode("utf-8", "replace")
    headers = [
        Part(
            kind="response_header",
            name=f"{name} {detector.masked(key.decode('latin-1').lower())}",
            data=key + b": " + value,
        )
        for key, value in response.headers.raw
    ]
    return [
        Part(kind="url", name=name, data=str(response.url).encode()),
        Part(kind="status_line", name=name, data=status),
        *headers,
        Part(kind="response_body", name=name, data=body),
    ]
