"""Break-glass: one safety officer asks for a reason, a second person approves, the case is open for a while.

The vault keeps the cases itself and knows who asks by their own token; nobody else's word counts.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from gateway.contract import BreakGlass
from gateway.vault_door import CaseRefused, Reason

_MOST_CASES = 1_000  # open and waiting at once


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`household` is the vault's own label and leaves it never."""

    household: str
    clip: str
    reason: Reason
    asked_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


class Cases:
    """The cases of one vault, in memory: a restart closes them all."""

    def __init__(self, rules: BreakGlass, now: Callable[[], datetime]) -> None:
        self._rules, self._now = rules, now
        self._cases: dict[str, Case] = {}
        self._lock = threading.Lock()

    def ask(self, officer: str, household: str, clip: str, reason: Reason) -> str:
        """A new case's id. Raises CaseRefused when too many wait."""
        with self._lock:
            self._cases = {name: case for name, case in self._cases.items() if self._alive(case)}
            if len(self._cases) >= _MOST_CASES:
                raise CaseRefused
            name = secrets.token_hex(16)  # typed at a command line, where a leading dash is an option
            self._cases[name] = Case(
                household=household, clip=clip, reason=reason, asked_by=officer, asked_at=self._now()
            )
        return name

    def approve(self, officer: str, name: str) -> Case:
        """Raises CaseRefused: unknown, too late, approved already, or by who asked."""
        with self._lock:
            case = self._living(name)
            if case.asked_by == officer or case.approved_by is not None:
                raise CaseRefused
            approved = msgspec.structs.replace(case, approved_by=officer, approved_at=self._now())
            self._cases[name] = approved
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

    def _living(self, name: str) -> Case:
        case = self._cases.get(name)
        if case is None or not self._alive(case):
            raise CaseRefused
        return case

    def _alive(self, case: Case) -> bool:
        if case.approved_at is not None:
            return self._now() < case.approved_at + timedelta(minutes=self._rules.open_minutes)
        return self._now() < case.asked_at + timedelta(minutes=self._rules.decide_minutes)
