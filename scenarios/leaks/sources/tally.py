"""Gathers one scan: each finding once a file, and everything that was not searched."""

import msgspec

from scenarios.leaks.detector import Searched
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.verdict import Finding

_Key = tuple[str, ...]
_RUNS = 64  # texts that may go on at a time: logs that are followed, mostly


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """`files` counts files and responses, `parts` what was opened in them, `bytes` what was searched.

    `unread` says what was not, or not wholly, searched; `needles` counts by field the values looked for, `left_out`
    those too common or too short to be looked for.
    """

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    parts: int = 0
    unread: tuple[Unread, ...] = ()
    needles: dict[str, int] = {}
    left_out: dict[str, int] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(map(str, self.unread))


class Tally:
    """Adds things up in the order in which they come."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._unread: dict[str, Unread] = {}
        self._files = self._bytes = self._parts = 0
        self._in_file: set[_Key] = set()  # values found in what a file holds
        self._runs: dict[str, set[_Key]] = {}  # and in the pieces of each text that may go on

    def add(self, wanted: Wanted, searched: Searched) -> list[Finding]:
        """Add one result. Returns the findings that are new."""
        new: list[Finding] = []
        if wanted.thing:
            self._files += 1
            self._in_file.clear()
        if not wanted.more:
            self._parts += bool(wanted.how)
            self._begin(wanted.name)
        in_run = self._runs.setdefault(wanted.name, set())
        self._bytes += searched.bytes - wanted.overlap
        for found in searched.findings:
            finding = msgspec.structs.replace(found, how=(*wanted.how, *found.how)) if wanted.how else found
            value = (found.field, found.household_id, found.person_id or "", found.mark)
            place = (*value, finding.where.kind, finding.where.name)
            if place in in_run or (wanted.again and value in self._in_file):
                continue
            in_run.add(place)
            self._in_file.add(value)
            self._findings.append(finding)
            new.append(finding)
        for note in searched.notes:
            self.note(Unread(kind="text", name=wanted.name, why="over bounds", detail=note))
        return new

    def _begin(self, name: str) -> None:
        if len(self._runs) > _RUNS:
            self._runs.clear()
        self._runs[name] = set()

    def note(self, unread: Unread) -> None:
        self._unread.setdefault(str(unread), unread)

    def result(self) -> ScanResult:
        return ScanResult(
            findings=tuple(self._findings),
            files=self._files,
            bytes=self._bytes,
            parts=self._parts,
            unread=tuple(self._unread.values()),
        )
