"""Who works on which clip: clips are published in batches, claimed one by one under a lease, and given back.

Nobody is handed a list. What waits stands in a random order that is drawn at publication.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import Database, in_handfuls
from gateway.storage.queue_rules import Rules
from gateway.storage.sampling import sampled
from gateway.storage.tables import claims, clips, drafts, handled, publication, waiting

LEASE_S = 600
_RENEW_EVERY_S = 60
MANY = 1_000
_TURNS = 2**62
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
        self._db, self._engine, self._rules, self._now = database, database.engine, rules, now

    def publish(self) -> int:
        """Put every kept clip of the sample into the queue, if a batch is due: how many."""
        try:
            return self._publish(self._now())
        except sa.exc.IntegrityError:  # another process is at it
            return 0

    def _publish(self, now: float) -> int:
        with self._engine.begin() as db:
            last = db.execute(sa.select(publication.c.at)).scalar_one_or_none()
            if last is not None and now < last + self._rules.publish_minutes * 60:
                return 0
            # Two processes at once: one of them changes the row.
            if last is not None:
                same = publication.c.at == last
                if db.execute(publication.update().where(same).values(at=now)).rowcount != 1:
                    return 0
            new = sa.select(clips.c.ref).where(clips.c.published == sa.false(), clips.c.withdrawn.is_(None))
            refs = list(db.execute(new).scalars())
            if last is None and self._rules.publish_minutes:
                db.execute(publication.insert().values(id=1, at=now))
            secrets.SystemRandom().shuffle(refs)
            for some in in_handfuls(refs):
                db.execute(clips.update().where(clips.c.ref.in_(some)).values(published=True))
                rows = [
                    {"ref": ref, "turn": secrets.randbelow(_TURNS), "wanted": self._rules.reviews}
                    for ref in some
                    if sampled(ref, self._rules.share)
                ]
                if rows:
                    db.execute(waiting.insert(), rows)
        return len(refs)

    def claim(self, reviewer: str) -> str | None:
        """A clip that is nobody else's and new to this reviewer, leased to them; None when none is left for them.

        Clips they are done with are given back in the same step.

        Raises:
            QuotaUsedUp.
        """
        self.publish()
        now = self._now()
        self._check_volume(reviewer, now)
        start = secrets.randbelow(_TURNS)
        for _ in range(_TRIES):
            ref = self._candidate(reviewer, now, start)
            if ref is None:
                return None
            try:
                with self._engine.begin() as db:
                    over = sa.and_(claims.c.ref == ref, claims.c.until <= now)
                    mine = sa.and_(claims.c.reviewer == reviewer, claims.c.done)
                    db.execute(claims.delete().where(sa.or_(over, mine)))
                    db.execute(_claimed(reviewer, ref, now))
            except sa.exc.IntegrityError:  # somebody was faster
                start = secrets.randbelow(_TURNS)
                continue
            return ref
        return None

    def _candidate(self, reviewer: str, now: float, start: int) -> str | None:
        taken = sa.exists().where(claims.c.ref == waiting.c.ref, claims.c.until > now)
        known = sa.exists().where(handled.c.ref == waiting.c.ref, handled.c.reviewer == reviewer)
        free = sa.select(waiting.c.ref).where(sa.not_(taken), sa.not_(known)).order_by(waiting.c.turn).limit(1)
        with self._engine.connect() as db:
            for half in (waiting.c.turn >= start, waiting.c.turn < start):
                found: str | None = db.execute(free.where(half)).scalar_one_or_none()
                if found is not None:
                    return found
        return None

    def _check_volume(self, reviewer: str, now: float) -> None:
        mine = [claim for claim in self.claims_of(reviewer) if not claim.done]
        if len(mine) >= self._rules.at_once:
            raise QuotaUsedUp
        if self._rules.per_day is not None:
            today = sa.and_(handled.c.reviewer == reviewer, handled.c.on_day == _day(now))
            with self._engine.connect() as db:
                had = db.execute(sa.select(sa.func.count()).select_from(handled).where(today)).scalar_one()
            if had + len(mine) >= self._rules.per_day:
                raise QuotaUsedUp

    def claims_of(self, reviewer: str) -> list[Claim]:
        """Live leases, the one that ends last first."""
        query = sa.select(claims).where(claims.c.reviewer == reviewer, claims.c.until > self._now())
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(claims.c.until.desc(), claims.c.ref)).all()
        return [Claim(ref=row.ref, until=row.until, done=bool(row.done), heard=bool(row.heard)) for row in rows]

    def claim_on(self, reviewer: str, ref: str) -> Claim | None:
        """This person's live lease of this clip."""
        return next((claim for claim in self.claims_of(reviewer) if claim.ref == ref), None)

    def heard(self, reviewer: str, ref: str) -> None:
        """Its holder was served the clip's sound."""
        mine = sa.and_(claims.c.ref == ref, claims.c.reviewer == reviewer, claims.c.heard == sa.false())
        with self._engine.begin() as db:
            db.execute(claims.update().where(mine).values(heard=True))

    def renew(self, reviewer: str, ref: str) -> bool:
        """Whoever has a clip open keeps it; False when the lease was lost. One of this minute is left as it is."""
        now = self._now()
        mine = sa.and_(claims.c.ref == ref, claims.c.reviewer == reviewer, claims.c.until > now)
        with self._engine.connect() as db:
            until: float | None = db.execute(sa.select(claims.c.until).where(mine)).scalar_one_or_none()
        if until is None or until > now + LEASE_S - _RENEW_EVERY_S:
            return until is not None
        with self._engine.begin() as db:
            return db.execute(claims.update().where(mine).values(until=now + LEASE_S)).rowcount == 1

    def reclaim(self, reviewer: str, ref: str) -> bool:
        """Have a clip back whose lease ran out, if nobody else has it and this reviewer is not done with it."""
        now = self._now()
        with self._engine.connect() as db:
            waits = db.execute(sa.select(waiting.c.ref).where(waiting.c.ref == ref)).first()
            done = db.execute(
                sa.select(handled.c.how).where(handled.c.ref == ref, handled.c.reviewer == reviewer)
            ).first()
        if waits is None or done is not None:
            return False
        try:
            with self._engine.begin() as db:
                db.execute(claims.delete().where(claims.c.ref == ref, claims.c.until <= now))
                db.execute(_claimed(reviewer, ref, now))
        except sa.exc.IntegrityError:
            return False
        return True

    def done(self, reviewer: str, ref: str) -> None:
        """An annotation was saved: one review less is wanted, once a person."""
        try:
            self._done(reviewer, ref)
        except sa.exc.IntegrityError:  # the same person in two windows at once
            self._done(reviewer, ref)

    def _done(self, reviewer: str, ref: str) -> None:
        mine = sa.and_(handled.c.ref == ref, handled.c.reviewer == reviewer)
        held = sa.and_(claims.c.ref == ref, claims.c.reviewer == reviewer)
        with self._engine.begin() as db:
            if db.execute(sa.select(handled.c.how).where(mine)).first() is None:  # else a correction
                db.execute(_handled(reviewer, ref, "annotated", self._now()))
                db.execute(waiting.update().where(waiting.c.ref == ref).values(wanted=waiting.c.wanted - 1))
                db.execute(waiting.delete().where(waiting.c.ref == ref, waiting.c.wanted <= 0))
            db.execute(claims.update().where(held).values(done=True))
            db.execute(drafts.delete().where(drafts.c.ref == ref, drafts.c.reviewer == reviewer))

    def release(self, reviewer: str, ref: str, why: str) -> bool:
        """Give a clip back; for a skipped one, `why` is a code, and it is not offered to this person again."""
        with self._engine.begin() as db:
            held = sa.and_(claims.c.ref == ref, claims.c.reviewer == reviewer)
            gone = db.execute(claims.delete().where(held)).rowcount == 1
            mine = sa.and_(handled.c.ref == ref, handled.c.reviewer == reviewer)
            if gone and why and db.execute(sa.select(handled.c.how).where(mine)).first() is None:
                db.execute(_handled(reviewer, ref, why, self._now()))
        return gone

    def release_all(self, reviewer: str, *, only_done: bool = False) -> None:
        """At sign-out: what was not done is anybody's again."""
        held = claims.c.reviewer == reviewer
        with self._engine.begin() as db:
            db.execute(claims.delete().where(sa.and_(held, claims.c.done) if only_done else held))

    def keep_draft(self, reviewer: str, ref: str, draft: bytes) -> bool:
        """What somebody typed, kept until they submit; False when the clip is gone."""
        key = self._db.keys.get(ref)
        if key is None:
            return False
        row = {"ref": ref, "reviewer": reviewer, "note": sealed(key, draft, "draft")}
        mine = sa.and_(drafts.c.ref == ref, drafts.c.reviewer == reviewer)
        try:
            with self._engine.begin() as db:
                db.execute(drafts.delete().where(mine))
                db.execute(drafts.insert().values(**row))
        except sa.exc.IntegrityError:  # the same person typed in two windows: the newest stays
            with self._engine.begin() as db:
                db.execute(drafts.update().where(mine).values(note=row["note"]))
        return True

    def draft(self, reviewer: str, ref: str) -> bytes | None:
        key = self._db.keys.get(ref)
        query = sa.select(drafts.c.note).where(drafts.c.ref == ref, drafts.c.reviewer == reviewer)
        with self._engine.connect() as db:
            note = db.execute(query).scalar_one_or_none()
        return opened(key, note, "draft") if key and note else None

    def requeue(self, ref: str) -> None:
        """A withdrawal was undone: the clip waits again, unless everybody wanted has annotated it."""
        done = sa.select(sa.func.count()).select_from(handled).where(handled.c.ref == ref, handled.c.how == "annotated")
        with self._engine.begin() as db:
            wanted = self._rules.reviews - db.execute(done).scalar_one()
            is_there = db.execute(sa.select(waiting.c.ref).where(waiting.c.ref == ref)).first()
            if wanted > 0 and is_there is None and sampled(ref, self._rules.share):
                db.execute(waiting.insert().values(ref=ref, turn=secrets.randbelow(_TURNS), wanted=wanted))

    def today(self, reviewer: str) -> tuple[int, int]:
        """How many clips this person annotated and skipped today."""
        mine = sa.and_(handled.c.reviewer == reviewer, handled.c.on_day == _day(self._now()))
        query = sa.select(handled.c.how, sa.func.count()).where(mine).group_by(handled.c.how)
        with self._engine.connect() as db:
            counts = {how: int(count) for how, count in db.execute(query).all()}
        annotated = counts.pop("annotated", 0)
        return annotated, sum(counts.values())

    def waiting_for(self, reviewer: str) -> int:
        """How many published clips this reviewer has not had, counted up to MANY; claimed ones count."""
        known = sa.exists().where(handled.c.ref == waiting.c.ref, handled.c.reviewer == reviewer)
        some = sa.select(waiting.c.ref).where(sa.not_(known)).limit(MANY).subquery()
        with self._engine.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def is_published(self, ref: str) -> bool:
        query = sa.select(clips.c.published).where(clips.c.ref == ref, clips.c.withdrawn.is_(None))
        with self._engine.connect() as db:
            return bool(db.execute(query).scalar_one_or_none()) and sampled(ref, self._rules.share)

    def published(self) -> list[str]:
        """Every published clip of the sample, for those who check the tool; in the order of random refs."""
        under_review = sa.and_(clips.c.published == sa.true(), clips.c.withdrawn.is_(None))
        query = sa.select(clips.c.ref).where(under_review).order_by(clips.c.ref)
        with self._engine.connect() as db:
            return [ref for ref in db.execute(query).scalars() if sampled(ref, self._rules.share)]

    def workload(self) -> Sequence[Workload]:
        """By person and day, the newest day first."""
        annotated = sa.func.sum(sa.case((handled.c.how == "annotated", 1), else_=0))
        query = (
            sa.select(handled.c.reviewer, handled.c.on_day, annotated, sa.func.count())
            .group_by(handled.c.reviewer, handled.c.on_day)
            .order_by(handled.c.on_day.desc(), handled.c.reviewer)
        )
        with self._engine.connect() as db:
            rows = db.execute(query).all()
        return [Workload(reviewer=who, on_day=day, annotated=int(n), skipped=int(of - n)) for who, day, n, of in rows]


def _claimed(reviewer: str, ref: str, now: float) -> sa.Insert:
    return claims.insert().values(ref=ref, reviewer=reviewer, until=now + LEASE_S, done=False, heard=False)


def _handled(reviewer: str, ref: str, how: str, now: float) -> sa.Insert:
    return handled.insert().values(ref=ref, reviewer=reviewer, how=how, on_day=_day(now))


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
