"""What a reviewer may ask the vault of a customer: a look-up, and whether a name is a contact of a household."""

from typing import Protocol

from gateway.audit.log import Audit
from gateway.contract.model import Contract
from gateway.review.forms.models import ContactIn
from gateway.review.people.sign_in_state import Session
from gateway.review.services.access import ClipAccess
from gateway.review.services.faults import LookupUnavailable, NotThere
from gateway.storage.store import Store
from gateway.vault.messages import CustomerFacts, TriesUsedUp, VaultUnavailable


class CustomerLookup(Protocol):
    """The part of a vault client that these questions need."""

    def customer(self, customer_id: str) -> CustomerFacts | None: ...

    def contact_matches(self, owner: str, reviewer: str, clip: str, heard: str) -> bool | None: ...


class CustomerQuestions:
    """Each question stands in the audit log, answered or not."""

    def __init__(
        self, store: Store, contract: Contract, audit: Audit, lookup: CustomerLookup | None, access: ClipAccess
    ) -> None:
        self._store, self._contract, self._audit = store, contract, audit
        self._lookup, self._access = lookup, access

    def look_up(self, session: Session, customer_id: str) -> CustomerFacts:
        """Only for contracts that have a look-up.

        Raises:
            NotThere: no such customer.
            LookupUnavailable: no vault, or it does not answer.
        """
        if self._lookup is None or not self._contract.review.customer_lookup:
            raise LookupUnavailable
        try:
            facts = self._lookup.customer(customer_id)
        except VaultUnavailable:
            self._audit.record(session.username, "customer_looked_up", "unavailable")
            raise LookupUnavailable from None
        self._audit.record(session.username, "customer_looked_up", "ok" if facts else "unknown")
        if facts is None:
            raise NotThere
        return facts

    def check_contact(self, session: Session, ref: str, asked: ContactIn) -> bool | None:
        """Whether the heard name matches a contact of the clip's household. None if the household is not known.

        Raises:
            TriesUsedUp: no more answers for this clip, or none for this reviewer now.
            LookupUnavailable: no vault, or it does not answer.
        """
        self._access.check(session, ref)
        owner = self._store.owner(ref)
        if owner is None:
            self._audit.record(session.username, "contact_checked", "unknown", ref)
            return None
        if self._lookup is None or self._contract.review.contact_check is None:
            raise LookupUnavailable
        try:
            match = self._lookup.contact_matches(owner, session.username, ref, asked.heard)
        except TriesUsedUp:
            self._audit.record(session.username, "contact_checked", "limited", ref)
            raise
        except VaultUnavailable:
            self._audit.record(session.username, "contact_checked", "unavailable", ref)
            raise LookupUnavailable from None
        self._audit.record(session.username, "contact_checked", "unknown" if match is None else "ok", ref)
        return match
