"""Break-glass cases for officers: ask with a reason, approve as a second person, read while the case is open.

The vault judges every step by the officer's own key. The key comes with each form and is kept nowhere. A session of the
review tool alone opens nothing. A key in another person's session opens nothing either.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.audit.log import Action, Audit, Result
from gateway.contract.model import Contract
from gateway.review.people.auth import TRIES_PER_NAME
from gateway.review.people.sign_in_state import Limits, Session, TooManyTries
from gateway.review.services.faults import LookupUnavailable, NotThere
from gateway.storage.store import Store
from gateway.vault.messages import CaseFacts, CaseRefused, CaseStanding, Reason, VaultUnavailable

T = TypeVar("T")


class OfficerClient(Protocol):
    """The part of a vault client that cases need. It carries one officer's key. Every method may raise CaseRefused."""

    def ask_case(self, owner: str, clip: str, reason: Reason) -> str | None: ...

    def cases(self) -> tuple[CaseStanding, ...]: ...

    def approve_case(self, case: str) -> None: ...

    def deny_case(self, case: str) -> None: ...

    def close_case(self, case: str) -> None: ...

    def case(self, case: str) -> CaseFacts | None: ...


class Throttle(Protocol):
    """Counts refused keys."""

    def check(self, limits: Limits) -> None: ...

    def count(self, limits: Limits) -> None: ...


OfficerDoor = Callable[[str, str], OfficerClient]


class CaseService:
    """The matrix says which roles may come here. `door` takes a key and the officer in whose session it was typed.

    Raises:
        NotThere: no break-glass in the contract, no such clip, or a household nobody knows any more.
        CaseRefused: the vault does not let this key do that now.
        TooManyTries: this officer's keys were refused too often.
        LookupUnavailable: no vault, or it does not answer.
    """

    def __init__(
        self,
        *,
        store: Store,
        contract: Contract,
        audit: Audit,
        door: OfficerDoor | None,
        throttle: Throttle,
    ) -> None:
        self._store, self._contract, self._audit, self._door = store, contract, audit, door
        self._throttle = throttle

    def flagged(self) -> list[str]:
        """Clips in which somebody heard distress."""
        return self._store.flagged()

    def ask(self, session: Session, key: str, ref: str, reason: Reason) -> str:
        """The new case's number."""
        owner = self._store.owner(ref) if self._store.is_flagged(ref) else None
        if owner is None:
            raise NotThere
        return self._step(session, key, "case_asked", ref, lambda door: door.ask_case(owner, ref, reason))

    def overview(self, session: Session, key: str) -> tuple[CaseStanding, ...]:
        """Every case that waits or is open: who asks, why, about which clip."""
        return self._step(session, key, "case_seen", None, lambda door: door.cases())

    def decide(self, session: Session, key: str, case: str, *, approve: bool) -> None:
        """By another person than the one who asked."""

        def decided(door: OfficerClient) -> bool:
            if approve:
                door.approve_case(case)
            else:
                door.deny_case(case)
            return True

        self._step(session, key, "case_approved" if approve else "case_denied", None, decided)

    def close(self, session: Session, key: str, case: str) -> None:
        """By the person who asked or the one who approved."""

        def closed(door: OfficerClient) -> bool:
            door.close_case(case)
            return True

        self._step(session, key, "case_closed", None, closed)

    def read(self, session: Session, key: str, case: str) -> CaseFacts:
        """What the contract lets an open case show, for the person who asked."""
        return self._step(session, key, "case_read", None, lambda door: door.case(case))

    def _step(
        self, session: Session, key: str, action: Action, clip: str | None, asked: Callable[[OfficerClient], T | None]
    ) -> T:
        """Do one step at the vault and write a line into this tool's own log. The vault has a log of its own."""
        limits = ((f"key {session.username}", TRIES_PER_NAME),)
        if self._door is None or self._contract.review.break_glass is None:
            raise LookupUnavailable
        try:
            self._throttle.check(limits)
        except TooManyTries:
            self._audit.record(session.username, action, "limited", clip)
            raise
        result: Result = "unavailable"
        try:
            found = asked(self._door(key, session.username))
            result = "unknown" if found is None else "ok"
        except CaseRefused:
            result = "refused"
            self._throttle.count(limits)
            raise
        except VaultUnavailable:
            raise LookupUnavailable from None
        finally:
            self._audit.record(session.username, action, result, clip)
        if found is None:
            raise NotThere
        return found
