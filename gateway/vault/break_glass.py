"""Break-glass: one safety officer asks for a reason, a second person approves, the case is open for a while.

The vault keeps the cases itself and knows who asks by their own token; nobody else's word counts.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from gateway.contract.model import BreakGlass
from gateway.vault.client import CaseRefused, Reason
from gateway.vault.journal import Case, VaultJournal

_MOST_CASES = 1_000  # open and waiting at once


class Cases:
    """The cases of one vault. `memory` outlives a restart: an open case stays open for the time it had left."""

    def __init__(self, rules: BreakGlass, now: Callable[[], datetime], memory: VaultJournal) -> None:
        self._rules, self._now, self._memory = rules, now, memory
        # A case is written again when it is approved: its last record is how it stands.
        known = {record.name: record for record in memory.records() if isinstance(record, Case)}
        self._cases = {name: case for name, case in known.items() if self._alive(case)}
        memory.keep(lambda record: not isinstance(record, Case) or record is self._cases.get(record.name))
        self._lock = threading.Lock()

    def ask(self, officer: str, household: str, clip: str, reason: Reason) -> str:
        """A new case's id. Raises CaseRefused when too many wait."""
        with self._lock:
            self._cases = {name: case for name, case in self._cases.items() if self._alive(case)}
            if len(self._cases) >= _MOST_CASES:
                raise CaseRefused
            name = secrets.token_hex(16)  # typed at a command line, where a leading dash is an option
            asked_at = self._now()
            self._store(
                Case(name=name, household=household, clip=clip, reason=reason, asked_by=officer, asked_at=asked_at)
            )
        return name

    def approve(self, officer: str, name: str) -> Case:
        """Raises CaseRefused: unknown, too late, approved already, or by who asked."""
        with self._lock:
            case = self._living(name)
            if case.asked_by == officer or case.approved_by is not None:
                raise CaseRefused
            approved = msgspec.structs.replace(case, approved_by=officer, approved_at=self._now())
            self._store(approved)
        return approved

    def read(self, officer: str, name: str) -> Case:
        """Raises CaseRefused unless this officer asked for it and it is open now."""
        with self._lock:
            case = self._living(name)
        if case.asked_by != officer or case.approved_by is None:
            raise CaseRefused
        return case

    def clip_of(self, name: str) -> str | None:
        """For the audit log: which clip a case is about, whatever became of it."""
        case = self._cases.get(name)
        return case.clip if case else None

    def _store(self, case: Case) -> None:
        self._memory.add(case)
        self._cases[case.name] = case

    def _living(self, name: str) -> Case:
        case = self._cases.get(name)
        if case is None or not self._alive(case):
            raise CaseRefused
        return case

    def _alive(self, case: Case) -> bool:
        if case.approved_at is not None:
            return self._now() < case.approved_at + timedelta(minutes=self._rules.open_minutes)
        return self._now() < case.asked_at + timedelta(minutes=self._rules.decide_minutes)
