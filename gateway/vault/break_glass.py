"""Break-glass cases: one safety officer asks and gives a reason, a second person approves, the case is open for a time.

The vault itself keeps the cases. It knows each officer by their own token.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from gateway.contract.model import BreakGlass
from gateway.vault.journal import Case, VaultJournal
from gateway.vault.messages import CaseRefused, CaseStanding, Reason

_MOST_CASES = 1_000  # open and waiting at once


class Cases:
    """The cases of one vault. `memory` survives a restart, so an open case stays open for the rest of its time."""

    def __init__(self, rules: BreakGlass, now: Callable[[], datetime], memory: VaultJournal) -> None:
        self._rules, self._now, self._memory = rules, now, memory
        # A case is written again when it is approved: its last record is how it stands.
        known = {record.name: record for record in memory.records() if isinstance(record, Case)}
        self._cases = {name: case for name, case in known.items() if self._in_time(case)}
        memory.change(
            lambda record: None if isinstance(record, Case) and record is not self._cases.get(record.name) else record
        )
        self._lock = threading.Lock()

    def ask(self, officer: str, household: str, clip: str, reason: Reason) -> str:
        """A new case's id. Raises CaseRefused when too many wait."""
        with self._lock:
            self._cases = {name: case for name, case in self._cases.items() if self._in_time(case)}
            if len(self._cases) >= _MOST_CASES:
                raise CaseRefused
            name = secrets.token_hex(16)  # typed at a command line, where a leading dash is an option
            asked_at = self._now()
            self._store(
                Case(name=name, household=household, clip=clip, reason=reason, asked_by=officer, asked_at=asked_at)
            )
        return name

    def approve(self, officer: str, name: str) -> Case:
        """Raises CaseRefused: unknown, too late, already decided, or approved by the person who asked."""
        with self._lock:
            case = self._waiting(officer, name)
            approved = msgspec.structs.replace(case, approved_by=officer, approved_at=self._now())
            self._store(approved)
        return approved

    def deny(self, officer: str, name: str) -> Case:
        """Raises CaseRefused as `approve`."""
        with self._lock:
            denied = msgspec.structs.replace(self._waiting(officer, name), denied_by=officer)
            self._store(denied)
        return denied

    def close(self, officer: str, name: str) -> Case:
        """Raises CaseRefused unless the case is waiting or open, and this officer asked for it or approved it."""
        with self._lock:
            case = self._living(name)
            if officer not in (case.asked_by, case.approved_by):
                raise CaseRefused
            closed = msgspec.structs.replace(case, closed=True)
            self._store(closed)
        return closed

    def read(self, officer: str, name: str) -> Case:
        """Raises CaseRefused unless this officer asked for it and it is open now. Every reading is counted."""
        with self._lock:
            case = self._living(name)
            if case.asked_by != officer or case.approved_by is None:
                raise CaseRefused
            read = msgspec.structs.replace(case, opens=case.opens + 1)
            self._store(read)
        return read

    def standing(self) -> tuple[CaseStanding, ...]:
        """Every case that waits, is open, or was decided within its time. The oldest comes first."""
        with self._lock:
            living = [case for case in self._cases.values() if self._in_time(case)]
        return tuple(_standing(case) for case in sorted(living, key=lambda case: case.asked_at))

    def clip_of(self, name: str) -> str | None:
        """The clip that a case is about, in whatever state the case is. For the audit log."""
        case = self._cases.get(name)
        return case.clip if case else None

    def _store(self, case: Case) -> None:
        self._memory.add(case)
        self._cases[case.name] = case

    def _waiting(self, officer: str, name: str) -> Case:
        case = self._living(name)
        if case.asked_by == officer or case.approved_by is not None:
            raise CaseRefused
        return case

    def _living(self, name: str) -> Case:
        case = self._cases.get(name)
        if case is None or case.closed or case.denied_by is not None or not self._in_time(case):
            raise CaseRefused
        return case

    def _in_time(self, case: Case) -> bool:
        if case.approved_at is not None:
            return self._now() < case.approved_at + timedelta(minutes=self._rules.open_minutes)
        return self._now() < case.asked_at + timedelta(minutes=self._rules.decide_minutes)


def _standing(case: Case) -> CaseStanding:
    state: Literal["waiting", "open", "denied", "closed"] = "open" if case.approved_by else "waiting"
    if case.closed or case.denied_by:
        state = "denied" if case.denied_by else "closed"
    return CaseStanding(
        case=case.name,
        clip=case.clip,
        reason=case.reason,
        asked_by=case.asked_by,
        asked_at=case.asked_at.isoformat(timespec="minutes"),
        state=state,
        decided_by=case.denied_by or case.approved_by,
        opens=case.opens,
    )
