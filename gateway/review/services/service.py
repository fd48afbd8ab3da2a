"""What a reviewer may see of a clip and do with it. Pages and API both use this service."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gateway.audit.log import Audit
from gateway.contract.model import Contract
from gateway.redact.text.notes import shareable
from gateway.review.forms.models import (
    AnnotationIn,
    AnnotationOut,
    ClaimOut,
    ClipList,
    ClipRef,
    ClipView,
    DeskView,
    DraftIn,
    Region,
    SkipReason,
)
from gateway.review.forms.undo import UNDO_S, Undo
from gateway.review.people.sign_in_state import Session
from gateway.review.player.transcript import covered_out, words_out
from gateway.review.services.access import ClipAccess
from gateway.review.services.faults import NotHeard, NotThere, TakenByAnother
from gateway.review.services.roles import HIDDEN, SEES_OTHERS
from gateway.storage.queue.assignments import Assignments, QuotaUsedUp, Workload
from gateway.storage.queue.drafts import Drafts
from gateway.storage.store import Annotation, Store

LIST_CLIPS = 1_000
_HOUR_S = 3_600

# Marks a clip as done by a reviewer, in a transaction. False: the reviewer may not.
Done = Callable[[sa.Connection, str, str], bool]


class ReviewService:
    """Raises NotThere from every method that takes a ref. `clock` gives wall time in seconds."""

    def __init__(
        self,
        *,
        store: Store,
        contract: Contract,
        audit: Audit,
        work: Assignments,
        access: ClipAccess,
        undo: Undo,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._contract, self._audit, self._access = store, contract, audit, access
        self._undo, self._clock = undo, clock
        self._work, self._drafts = work, Drafts(store.database)

    # -- the desk

    def desk(self, session: Session) -> DeskView:
        """The person's current clips, and the number left for them."""
        self._work.publish()
        me = session.username
        self._audit.record(me, "queue_seen", "ok")
        annotated, skipped = self._work.today(me)
        return DeskView(
            claims=[ClaimOut(ref=each.ref, done=each.done, heard=each.heard) for each in self._work.claims_of(me)],
            waiting=self._work.waiting_for(me),
            annotated_today=annotated,
            skipped_today=skipped,
        )

    def next(self, session: Session, *, resume: bool = False) -> str | None:
        """Assign a clip to this person. None if nothing is left. With `resume` an unfinished one comes first.

        Raises:
            QuotaUsedUp: as many as one person may have.
        """
        me = session.username
        self._store.expunge(self._clock() - UNDO_S)
        if resume and (mine := [claim.ref for claim in self._work.claims_of(me) if not claim.done]):
            return mine[0]
        try:
            ref = self._work.claim(me)
        except QuotaUsedUp:
            self._work.release_all(me, only_done=True)
            self._audit.record(me, "clip_claimed", "limited")
            raise
        if ref is None:
            self._work.release_all(me, only_done=True)
        else:
            self._audit.record(me, "clip_claimed", "ok", ref)
        return ref

    def skip(self, session: Session, ref: str, why: SkipReason) -> None:
        if not self._work.release(session.username, ref, why):
            raise NotThere
        self._audit.record(session.username, "clip_released", "ok", ref, why)

    def leave(self, session: Session) -> None:
        """Give back all unfinished clips, at sign-out."""
        self._work.release_all(session.username)

    def published(self, page: int) -> ClipList:
        """Every clip under review, for the auditor."""
        self._work.publish()
        refs = self._work.published()
        pages = max(1, math.ceil(len(refs) / LIST_CLIPS))
        some = refs[(page - 1) * LIST_CLIPS : page * LIST_CLIPS]
        return ClipList(clips=[ClipRef(ref=ref) for ref in some], page=page, pages=pages)

    def workload(self) -> Sequence[Workload]:
        """The number of clips of each person on each day."""
        return self._work.workload()

    # -- one clip

    def open(self, session: Session, ref: str) -> ClipView:
        claim = self._access.claim(session, ref)
        row = self._store.get(ref)
        if row is None:
            raise NotThere
        self._audit.record(session.username, "clip_opened", "ok", ref)
        if claim:
            self._work.renewed(session.username, claim)
        said = [_seen_by(session, each, row["transcript"] or "") for each in self._store.annotations(ref)]
        hidden = dict.fromkeys(HIDDEN[session.role])
        times, covered = row.pop("times"), row.pop("covered")
        return ClipView(
            **(row | hidden),
            words=words_out(row["transcript"] or "", times),
            covered=covered_out(covered),
            audio=row["withheld"] is None,
            annotations=[each for each in said if each],
        )

    def claim(self, session: Session, ref: str) -> ClaimOut | None:
        """This person's lease of a clip, or None."""
        mine = self._work.claim_on(session.username, ref)
        return ClaimOut(ref=ref, done=mine.done, heard=mine.heard) if mine else None

    def audio(self, session: Session, ref: str, *, to_hear: bool = True) -> bytes:
        """The redacted WAV. `to_hear` is false if only a picture is made of it, which does not count as listening."""
        claim = self._access.claim(session, ref)
        wav = self._store.audio(ref)
        if wav is None:
            raise NotThere
        self._audit.record(session.username, "audio_served", "ok", ref)
        if to_hear and claim and not claim.heard:
            self._work.heard(session.username, ref)
        return wav

    def annotate(self, session: Session, ref: str, said: AnnotationIn) -> None:
        """Save an annotation. Raises NotHeard, or TakenByAnother after it kept the text as a draft."""
        if self._save(session, ref, said, self._work.done_in_time):
            return
        claim = self._work.claim_on(session.username, ref)
        if claim is None:
            self._check_without_lease(session, ref, said)
        elif not claim.heard and self._withheld(ref) is None:
            raise NotHeard
        self._save(session, ref, said, self._work.done_within)

    def _save(self, session: Session, ref: str, said: AnnotationIn, done: Done) -> bool:
        """Save an annotation, unless `done` says no. It is in the log before it is in the database."""
        me, logged = session.username, False
        annotation = Annotation(
            reviewer=me,
            transcription=said.transcription,
            intent=said.intent,
            effective=said.effective,
            heard=tuple(dict.fromkeys(said.heard)),
            false_activation=said.false_activation,
            speakers=tuple((each.start_ms, each.end_ms, each.who) for each in said.speakers),
        )

        def first(db: sa.Connection) -> bool:
            nonlocal logged
            if not done(db, me, ref):
                return False
            if not logged:  # the transaction may begin anew
                self._audit.record(me, "clip_annotated", "ok", ref)
                logged = True
            return True

        try:
            return self._store.annotate(ref, annotation, first)
        except KeyError:  # withdrawn meanwhile
            raise NotThere from None

    def _check_without_lease(self, session: Session, ref: str, said: AnnotationIn) -> None:
        """Return if a person without a lease may annotate: as a lead, or because the clip is free again.

        Raises:
            NotThere, TakenByAnother.
        """
        self._withheld(ref)
        if self._access.is_leads(session, ref):
            return
        if not self._drafts.get(session.username, ref):
            raise NotThere
        if not self._work.reclaim(session.username, ref):
            self.keep_draft(session, ref, DraftIn(**said.model_dump()))
            raise TakenByAnother

    def _withheld(self, ref: str) -> str | None:
        try:
            return self._store.withheld(ref)
        except KeyError:
            raise NotThere from None

    def keep_draft(self, session: Session, ref: str, draft: DraftIn) -> None:
        """Keep typed text through a reload, a time-out and a lost lease. It is sealed, for its author alone."""
        me = session.username
        known = self._work.claim_on(me, ref) or self._drafts.get(me, ref)
        if not known or not self._drafts.keep(me, ref, draft.model_dump_json().encode()):
            raise NotThere
        self._work.renew(me, ref)

    def draft(self, session: Session, ref: str) -> DraftIn | None:
        kept = self._drafts.get(session.username, ref)
        return DraftIn.model_validate_json(kept) if kept else None

    def withdraw(self, session: Session, ref: str) -> str:
        """Withdraw a clip as critical data. When this returns, nothing of it can be read. Returns the undo word.

        Raises:
            QuotaUsedUp: one person may not empty the queue.
        """
        me, now = session.username, self._clock()
        self._access.check(session, ref)
        self._store.expunge(now - UNDO_S)
        if self._store.withdrawn_since(me, now - _HOUR_S) >= self._contract.review.withdrawals_per_hour:
            self._audit.record(me, "clip_withdrawn", "limited", ref)
            raise QuotaUsedUp
        self._audit.record(me, "clip_withdrawn", "ok", ref)
        key = self._store.withdraw(ref, "critical_data", by=me, now=self._clock)
        if key is None:
            raise NotThere
        return self._undo.token(ref, key, me)

    def undo(self, session: Session, token: str) -> str:
        """Undo the person's own withdrawal within UNDO_S. Returns the clip."""
        found = self._undo.read(token, session.username)
        if found is None or not self._store.undo(*found, by=session.username):
            raise NotThere
        self._audit.record(session.username, "withdrawal_undone", "ok", found[0])
        self._work.requeue(found[0])
        return found[0]


def _seen_by(session: Session, row: Mapping[str, Any], shown: str) -> AnnotationOut | None:
    """A person's own annotations, and for some roles everybody's. Free text of others is redacted as `shown` says."""
    mine = row["reviewer"] == session.username
    if not mine and session.role not in SEES_OTHERS:
        return None
    return AnnotationOut(
        reviewer=row["reviewer"],
        transcription=row["transcription"] if mine else shareable(row["transcription"], shown),
        intent=row["intent"],
        effective=row["effective"],
        heard=row["heard"],
        false_activation=row["false_activation"],
        speakers=[Region(start_ms=start, end_ms=end, who=who) for start, end, who in row["speakers"]],
    )
