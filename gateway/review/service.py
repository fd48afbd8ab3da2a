"""The reviewer's desk: what may be seen of a clip and done with it. Pages and API are two faces of it."""

import math
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gateway.audit.log import Audit
from gateway.contract.model import Contract
from gateway.redact.text.notes import shareable
from gateway.review.auth import Session
from gateway.storage.sampling import sampled
from gateway.storage.store import Annotation, Store
from gateway.vault.client import CustomerFacts, TriesUsedUp, VaultUnavailable

PAGE_CLIPS = 20

Intent = Literal[
    "weather",
    "music",
    "timer",
    "message",
    "call",
    "shopping",
    "smart_home",
    "question",
    "news",
    "other",
    "not_for_device",
]
Effective = Literal["yes", "partly", "no", "unclear"]
Heard = Literal["background_talk", "child", "television", "nothing_intelligible"]


class NotThere(LookupError):
    """No such clip or customer for this reviewer: unknown, withdrawn and outside the sample look the same."""


class LookupUnavailable(Exception):
    """The vault cannot be asked just now."""


class CustomerLookup(Protocol):
    """What the desk needs of a vault's door."""

    def customer(self, customer_id: str) -> CustomerFacts | None: ...

    def contact_matches(self, owner: str, reviewer: str, clip: str, heard: str) -> bool | None: ...


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AnnotationIn(_Model):
    """One reviewer's judgement of one clip."""

    transcription: str = Field(max_length=2000)
    intent: Intent
    effective: Effective
    heard: tuple[Heard, ...] = Field(default=(), max_length=4)


class AnnotationOut(_Model):
    """`transcription` is free text: its author gets it back, others what redaction leaves of it."""

    reviewer: str
    transcription: str | None
    intent: str
    effective: str
    heard: list[str]


class ContactIn(_Model):
    """What a reviewer believes to have heard."""

    heard: str = Field(min_length=1, max_length=80)


class ContactAnswer(_Model):
    """Match or no match; null when nobody can say for this clip any more."""

    match: bool | None


class ClipSummary(_Model):
    """A line of the queue. `done`: this reviewer has annotated it."""

    ref: str
    recorded_on: str
    trigger: str
    duration_ms: int
    audio: bool
    done: bool


class QueuePage(_Model):
    """`page` counts from 1; `total` is how many clips are under review."""

    clips: list[ClipSummary]
    page: int
    pages: int
    total: int


class ClipView(_Model):
    """A clip as the contract shows it; None means not shown. `peaks` are 0..100 per column of the waveform."""

    ref: str
    recorded_on: str
    trigger: str
    duration_ms: int
    device: str | None
    customer: str | None
    given_name: str | None
    locality: str | None
    latitude: float | None
    longitude: float | None
    transcript: str | None
    audio: bool
    withheld: str | None
    peaks: list[int]
    annotations: list[AnnotationOut]


class ReviewService:
    """Raises NotThere from every method that takes a ref."""

    def __init__(self, *, store: Store, contract: Contract, audit: Audit, lookup: CustomerLookup | None) -> None:
        self._store, self._contract, self._audit, self._lookup = store, contract, audit, lookup

    def queue(self, session: Session, page: int) -> QueuePage:
        """A page beyond the last is the last."""
        refs = self._refs()
        pages = max(1, math.ceil(len(refs) / PAGE_CLIPS))
        page = min(page, pages)
        done = self._store.annotated_by(session.username)
        rows = [self._store.get(ref) for ref in refs[(page - 1) * PAGE_CLIPS : page * PAGE_CLIPS]]
        self._audit.record(session.username, "queue_seen", "ok")
        return QueuePage(
            clips=[_summary(row, row["ref"] in done) for row in rows if row],
            page=page,
            pages=pages,
            total=len(refs),
        )

    def next_ref(self, session: Session, after: str) -> str | None:
        """The next clip in the queue's order this reviewer has not annotated, from the start again at its end."""
        done = self._store.annotated_by(session.username)
        left = [ref for ref in self._refs() if ref not in done and ref != after]
        return next((ref for ref in left if ref > after), left[0] if left else None)

    def open(self, session: Session, ref: str) -> ClipView:
        row = self._row(ref)
        self._audit.record(session.username, "clip_opened", "ok", ref)
        shown = row["transcript"] or ""
        said = [_seen_by(session, each, shown) for each in self._store.annotations(ref)]
        return _view(row, [each for each in said if each])

    def audio(self, session: Session, ref: str) -> bytes:
        """The redacted WAV."""
        wav = self._store.audio(ref) if sampled(ref, self._contract.review.sampling) else None
        if wav is None:
            raise NotThere
        self._audit.record(session.username, "audio_served", "ok", ref)
        return wav

    def annotate(self, session: Session, ref: str, said: AnnotationIn) -> None:
        self._row(ref)
        heard = tuple(dict.fromkeys(said.heard))
        self._audit.record(session.username, "clip_annotated", "ok", ref)
        self._store.annotate(
            ref,
            Annotation(
                reviewer=session.username,
                transcription=said.transcription,
                intent=said.intent,
                effective=said.effective,
                heard=heard,
            ),
        )

    def withdraw(self, session: Session, ref: str) -> None:
        """The critical-data tick: the clip's words and sound are gone from the store when this returns."""
        self._row(ref)
        self._audit.record(session.username, "clip_withdrawn", "ok", ref)
        if self._store.withdraw(ref, "critical_data", by=session.username) is None:
            raise NotThere

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
        """Does what was heard match a contact of the clip's household? None when nobody knows whose clip it is.

        Raises:
            TriesUsedUp: no more answers for this clip, or for this reviewer just now.
            LookupUnavailable: no vault, or it does not answer.
        """
        self._row(ref)
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

    def _refs(self) -> list[str]:
        share = self._contract.review.sampling
        return [ref for ref in self._store.refs() if sampled(ref, share)]

    def _row(self, ref: str) -> dict[str, Any]:
        row = self._store.get(ref) if sampled(ref, self._contract.review.sampling) else None
        if row is None:
            raise NotThere
        return row


def _summary(row: Mapping[str, Any], done: bool) -> ClipSummary:
    return ClipSummary(
        ref=row["ref"],
        recorded_on=row["recorded_on"],
        trigger=row["trigger"],
        duration_ms=row["duration_ms"],
        audio=row["withheld"] is None,
        done=done,
    )


def _view(row: Mapping[str, Any], said: list[AnnotationOut]) -> ClipView:
    # What may be shown was decided before the store: a second filter here would only hide a leak that stays on disk.
    return ClipView(**row, audio=row["withheld"] is None, annotations=said)


def _seen_by(session: Session, row: Mapping[str, Any], shown: str) -> AnnotationOut | None:
    """A reviewer sees their own annotations, a lead everybody's; of free text what `shown` of the clip allows."""
    mine = row["reviewer"] == session.username
    if not mine and session.role != "lead":
        return None
    return AnnotationOut(
        reviewer=row["reviewer"],
        transcription=row["transcription"] if mine else shareable(row["transcription"], shown),
        intent=row["intent"],
        effective=row["effective"],
        heard=row["heard"],
    )
