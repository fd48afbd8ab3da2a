"""Decides which clips a person may open. `roles.SCOPE` says it in words."""

from gateway.review.people.sign_in_state import Session
from gateway.review.services.faults import NotThere
from gateway.storage.queue.assignments import Assignments, Claim
from gateway.storage.store import Store


class ClipAccess:
    """Every method raises NotThere for a clip that this person may not open."""

    def __init__(self, store: Store, work: Assignments) -> None:
        self._store, self._work = store, work

    def claim(self, session: Session, ref: str) -> Claim | None:
        """Return the person's own lease of the clip. None if something else lets them open it."""
        claim = None
        match session.role:
            case "reviewer" | "lead":
                claim = self._work.claim_on(session.username, ref)
                fits = claim is not None or self.is_leads(session, ref)
            case "auditor":
                self._work.publish()
                fits = self._work.is_published(ref)
            case "safety_officer" | "safety_approver":
                fits = self._store.is_flagged(ref)
            case _:
                fits = False
        if not fits:
            raise NotThere
        return claim

    def check(self, session: Session, ref: str) -> None:
        """Return if the person may open the clip and it is still kept."""
        self.claim(session, ref)
        if self._store.get(ref) is None:
            raise NotThere

    def is_leads(self, session: Session, ref: str) -> bool:
        """Whether a lead may see the clip because somebody has annotated it."""
        return session.role == "lead" and self._store.is_annotated(ref)
