"""Who works on which clip: clips are published in batches, claimed one by one under a lease, and given back.

Nobody is handed a list. What waits stands in a random order that is drawn at publication.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.storage.database import Database
from gateway.storage.queue import statements
from gateway.storage.queue.drafts import delete_draft
from gateway.storage.queue.publishing import TURNS, Publishing
from gateway.storage.queue.rules import Rules
from gateway.storage.sampling import sampled
from gateway.storage.tables import claims, clips, handled, waiting

LEASE_S = 600
_RENEW_EVERY_S = 60
MANY = 1_000
_TRIES = 50


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A lease; `until` in seconds. `heard`: its holder was served the sound."""

    ref: str
    until: float
    done: bool
    heard: bool


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """How many clips one person had on one day, by what became of them."""

    reviewer: str
    on_day: str
    annotated: int
    skipped: int


class QuotaUsedUp(Exception):
    """As many clips as one person may have at once, or in a day."""


class Assignments:
    """`now` gives wall time in seconds: leases live by it."""

    def __init__(self, database: Database, rules: Rules, now: Callable[[], float] = time.time) -> None:
        self._writing, self._reading, self._rules, self._now = database.writing, database.reading, rules, now
        self._publishing = Publishing(database, rules)

    def publish(self) -> int:
        """Put every kept clip of the sample into the queue, if a batch is due: how many."""
        return self._publishing.publish(self._now())

    def claim(self, reviewer: str) -> str | None:
        """A clip that is nobody else's and new to this reviewer, leased to them; None when none is left for them.

        Clips they are done with are given back in the same step.

        Raises:
            QuotaUsedUp.
        """
        now = self._now()
        self._publishing.publish(now)
        for attempt in range(_TRIES):
            with self._reading.connect() as db:
                if attempt == 0:
                    self._check_volume(db, reviewer, now)
                ref = _candidate(db, reviewer, now)
            if ref is None:
                return None
            try:
                with self._writing() as db:
                    db.execute(statements.GIVE_BACK, {"its_ref": ref, "its_who": reviewer, "its_now": now})
                    db.execute(statements.CLAIM, _claimed(reviewer, ref, now))
                return ref
            except sa.exc.IntegrityError:  # somebody was faster
                continue
        return None

    def _check_volume(self, db: sa.Connection, reviewer: str, now: float) -> None:
        mine = [claim for claim in _leases(db, reviewer, now) if not claim.done]
        if len(mine) >= self._rules.at_once:
            raise QuotaUsedUp
        if self._rules.per_day is not None:
            had: int = db.execute(statements.HAD, {"its_who": reviewer, "its_day": _day(now)}).scalar_one()
            if had + len(mine) >= self._rules.per_day:
                raise QuotaUsedUp

    def claims_of(self, reviewer: str) -> list[Claim]:
        """Live leases, the one that ends last first."""
        with self._reading.connect() as db:
            return _leases(db, reviewer, self._now())

    def claim_on(self, reviewer: str, ref: str) -> Claim | None:
        """This person's live lease of this clip."""
        with self._reading.connect() as db:
            row = db.execute(statements.LEASE, {"its_ref": ref, "its_who": reviewer, "its_now": self._now()}).first()
        return _claim(row) if row else None

    def heard(self, reviewer: str, ref: str) -> None:
        """Its holder was served the clip's sound."""
        with self._writing() as db:
            db.execute(statements.HEAR, {"its_ref": ref, "its_who": reviewer})

    def renew(self, reviewer: str, ref: str) -> bool:
        """Whoever has a clip open keeps it; False when the lease was lost. One of this minute is left as it is."""
        claim = self.claim_on(reviewer, ref)
        return claim is not None and self.renewed(reviewer, claim)

    def renewed(self, reviewer: str, claim: Claim) -> bool:
        """As `renew`, of a lease that was just read."""
        now = self._now()
        if claim.until > now + LEASE_S - _RENEW_EVERY_S:
            return True
        mine = sa.and_(claims.c.ref == claim.ref, claims.c.reviewer == reviewer, claims.c.until > now)
        with self._writing() as db:
            return db.execute(claims.update().where(mine).values(until=now + LEASE_S)).rowcount == 1

    def reclaim(self, reviewer: str, ref: str) -> bool:
        """Have a clip back whose lease ran out, if nobody else has it and this reviewer is not done with it."""
        now = self._now()
        with self._reading.connect() as db:
            waits = db.execute(sa.select(waiting.c.ref).where(waiting.c.ref == ref)).first()
            done = db.execute(
                sa.select(handled.c.how).where(handled.c.ref == ref, handled.c.reviewer == reviewer)
            ).first()
        if waits is None or done is not None:
            return False
        try:
            with self._writing() as db:
                db.execute(claims.delete().where(claims.c.ref == ref, claims.c.until <= now))
                db.execute(statements.CLAIM, _claimed(reviewer, ref, now))
        except sa.exc.IntegrityError:
            return False
        return True

    def done(self, reviewer: str, ref: str) -> None:
        """An annotation was saved: one review less is wanted, once a person."""
        try:
            with self._writing() as db:
                self.done_within(db, reviewer, ref)
        except sa.exc.IntegrityError:  # the same person in two windows at once
            with self._writing() as db:
                self.done_within(db, reviewer, ref)

    def done_within(self, db: sa.Connection, reviewer: str, ref: str) -> bool:
        """As `done`, in the transaction that saves the annotation; True. Raises IntegrityError: try that again."""
        self._one_less(db, reviewer, ref)
        db.execute(statements.DONE, {"its_ref": ref, "its_who": reviewer})
        delete_draft(db, reviewer, ref)
        return True

    def done_in_time(self, db: sa.Connection, reviewer: str, ref: str) -> bool:
        """As `done_within`, of somebody who has the clip just now and was served its sound. False: nothing was done.

        One statement asks for the lease, marks it, and says if there is a draft to delete.
        """
        its = {"its_ref": ref, "its_who": reviewer, "its_now": self._now()}
        had_draft: bool | None = db.execute(statements.DONE_IN_TIME, its).scalar_one_or_none()
        if had_draft is None:
            return False
        self._one_less(db, reviewer, ref)
        if had_draft:
            delete_draft(db, reviewer, ref)
        return True

    def _one_less(self, db: sa.Connection, reviewer: str, ref: str) -> None:
        """One review less is wanted, unless this person's counted before."""
        is_correction = not self._handle(db, reviewer, ref, "annotated")
        if not is_correction and not db.execute(statements.LAST_ONE, {"its_ref": ref}).rowcount:
            left: int | None = db.execute(statements.ONE_LESS, {"its_ref": ref}).scalar_one_or_none()
            if left is not None and left <= 0:  # somebody else's came between the two
                db.execute(statements.ENOUGH, {"its_ref": ref})

    def release(self, reviewer: str, ref: str, why: str) -> bool:
        """Give a clip back; for a skipped one, `why` is a code, and it is not offered to this person again."""
        with self._writing() as db:
            held = sa.and_(claims.c.ref == ref, claims.c.reviewer == reviewer)
            gone = db.execute(claims.delete().where(held)).rowcount == 1
            if gone and why:
                self._handle(db, reviewer, ref, why)
        return gone

    def _handle(self, db: sa.Connection, reviewer: str, ref: str, how: str) -> bool:
        """Write down what became of a clip with this person. False if something was written down before."""
        its = {"its_ref": ref, "its_who": reviewer, "its_how": how, "its_day": _day(self._now())}
        return db.execute(statements.HANDLE, its).first() is not None

    def release_all(self, reviewer: str, *, only_done: bool = False) -> None:
        """At sign-out: what was not done is anybody's again."""
        held = claims.c.reviewer == reviewer
        with self._writing() as db:
            db.execute(claims.delete().where(sa.and_(held, claims.c.done) if only_done else held))

    def requeue(self, ref: str) -> None:
        """A withdrawal was undone: the clip waits again, unless everybody wanted has annotated it."""
        done = sa.select(sa.func.count()).select_from(handled).where(handled.c.ref == ref, handled.c.how == "annotated")
        with self._writing() as db:
            wanted = self._rules.reviews - db.execute(done).scalar_one()
            is_there = db.execute(sa.select(waiting.c.ref).where(waiting.c.ref == ref)).first()
            if wanted > 0 and is_there is None and sampled(ref, self._rules.share):
                db.execute(waiting.insert().values(ref=ref, turn=secrets.randbelow(TURNS), wanted=wanted))

    def today(self, reviewer: str) -> tuple[int, int]:
        """How many clips this person annotated and skipped today."""
        mine = sa.and_(handled.c.reviewer == reviewer, handled.c.on_day == _day(self._now()))
        query = sa.select(handled.c.how, sa.func.count()).where(mine).group_by(handled.c.how)
        with self._reading.connect() as db:
            counts = {how: int(count) for how, count in db.execute(query).all()}
        annotated = counts.pop("annotated", 0)
        return annotated, sum(counts.values())

    def waiting_for(self, reviewer: str) -> int:
        """How many published clips this reviewer has not had, counted up to MANY; claimed ones count."""
        known = sa.exists().where(handled.c.ref == waiting.c.ref, handled.c.reviewer == reviewer)
        some = sa.select(waiting.c.ref).where(sa.not_(known)).limit(MANY).subquery()
        with self._reading.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def is_published(self, ref: str) -> bool:
        with self._reading.connect() as db:
            return bool(db.execute(statements.PUBLISHED, {"its_ref": ref}).scalar_one_or_none()) and sampled(
                ref, self._rules.share
            )

    def published(self) -> list[str]:
        """Every published clip of the sample, for those who check the tool; in the order of random refs."""
        under_review = sa.and_(clips.c.published == sa.true(), clips.c.withdrawn.is_(None))
        query = sa.select(clips.c.ref).where(under_review).order_by(clips.c.ref)
        with self._reading.connect() as db:
            return [ref for ref in db.execute(query).scalars() if sampled(ref, self._rules.share)]

    def workload(self) -> Sequence[Workload]:
        """By person and day, the newest day first."""
        annotated = sa.func.sum(sa.case((handled.c.how == "annotated", 1), else_=0))
        query = (
            sa.select(handled.c.reviewer, handled.c.on_day, annotated, sa.func.count())
            .group_by(handled.c.reviewer, handled.c.on_day)
            .order_by(handled.c.on_day.desc(), handled.c.reviewer)
        )
        with self._reading.connect() as db:
            rows = db.execute(query).all()
        return [Workload(reviewer=who, on_day=day, annotated=int(n), skipped=int(of - n)) for who, day, n, of in rows]


def _candidate(db: sa.Connection, reviewer: str, now: float) -> str | None:
    """A free clip at a random place of the queue."""
    its = {"its_who": reviewer, "its_now": now, "its_turn": secrets.randbelow(TURNS)}
    found: str | None = db.execute(statements.FREE_FROM, its).scalar_one_or_none()
    return found if found is not None else db.execute(statements.FREE_BEFORE, its).scalar_one_or_none()


def _leases(db: sa.Connection, reviewer: str, now: float) -> list[Claim]:
    return [_claim(row) for row in db.execute(statements.LEASES, {"its_who": reviewer, "its_now": now}).all()]


def _claim(row: Any) -> Claim:
    return Claim(ref=row.ref, until=row.until, done=bool(row.done), heard=bool(row.heard))


def _claimed(reviewer: str, ref: str, now: float) -> dict[str, object]:
    return {"ref": ref, "reviewer": reviewer, "until": now + LEASE_S, "done": False, "heard": False}


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
