"""Break-glass as officers meet it: ask with a reason, let a second person approve, read while the case is open.

The vault judges every step by the officer's own key, which comes with each form and is kept nowhere; a session of
the review tool alone opens nothing.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.audit.log import Action, Audit, Result
from gateway.contract.model import Contract
from gateway.review.auth import Session
from gateway.review.service import LookupUnavailable, NotThere
from gateway.storage.sampling import sampled
from gateway.storage.store import Store
from gateway.vault.client import CaseFacts, CaseRefused, Reason, VaultUnavailable

T = TypeVar("T")


class OfficerClient(Protocol):
    """What a case needs of a vault's door; it carries one officer's key. Every method may raise CaseRefused."""

    def ask_case(self, owner: str, clip: str, reason: Reason) -> str | None: ...

    def approve_case(self, case: str) -> None: ...

    def case(self, case: str) -> CaseFacts | None: ...


class CaseService:
    """Every method is for safety officers alone: to everybody else there is nothing here.

    Raises:
        NotThere: another role, no such clip, or a household nobody knows any more.
        CaseRefused: the vault does not let this key do that now.
        LookupUnavailable: no vault, or it does not answer.
    """

    def __init__(
        self, *, store: Store, contract: Contract, audit: Audit, door: Callable[[str], OfficerClient] | None
    ) -> None:
        self._store, self._contract, self._audit, self._door = store, contract, audit, door

    def admits(self, session: Session) -> bool:
        return session.role == "safety_officer" and self._contract.review.break_glass is not None

    def ask(self, session: Session, key: str, ref: str, reason: Reason) -> str:
        """The new case's number, for the person who is to approve it."""
        self._officers_only(session)
        owner = self._store.owner(ref) if sampled(ref, self._contract.review.sampling) else None
        if owner is None:
            raise NotThere
        return self._step(session, "case_asked", ref, lambda: self._officer(key).ask_case(owner, ref, reason))

    def approve(self, session: Session, key: str, case: str) -> bool:
        """True; the officer who asked may open it now."""
        self._officers_only(session)

        def approved() -> bool:
            self._officer(key).approve_case(case)
            return True

        return self._step(session, "case_approved", None, approved)

    def read(self, session: Session, key: str, case: str) -> CaseFacts:
        """What the contract lets an open case show, to who asked for it."""
        self._officers_only(session)
        return self._step(session, "case_read", None, lambda: self._officer(key).case(case))

    def _officers_only(self, session: Session) -> None:
        if not self.admits(session):
            raise NotThere

    def _officer(self, key: str) -> OfficerClient:
        if self._door is None:
            raise LookupUnavailable
        return self._door(key)

    def _step(self, session: Session, action: Action, clip: str | None, asked: Callable[[], T | None]) -> T:
        """What the vault answers, and a line in this tool's own log; the vault keeps its own, by key."""
        result: Result = "unavailable"
        try:
            found = asked()
            result = "unknown" if found is None else "ok"
        except CaseRefused:
            result = "refused"
            raise
        except VaultUnavailable:
            raise LookupUnavailable from None
        finally:
            self._audit.record(session.username, action, result, clip)
        if found is None:
            raise NotThere
        return found
