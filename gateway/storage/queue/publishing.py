"""Publishes kept clips to the queue: in batches, in a random order that is drawn here."""

import secrets

import sqlalchemy as sa

from gateway.storage.database import Database, in_handfuls
from gateway.storage.queue.rules import Rules
from gateway.storage.sampling import sampled
from gateway.storage.tables import clips, publication, waiting

TURNS = 2**62
_LAST = sa.select(publication.c.at)
_NEW = sa.select(clips.c.ref).where(clips.c.published == sa.false(), clips.c.withdrawn.is_(None))
_SOMETHING = sa.select(_LAST.scalar_subquery().label("last"), _NEW.exists().label("is_new"))


class Publishing:
    """The contract's rules of when and how much."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._writing, self._reading, self._rules = database.writing, database.reading, rules

    def publish(self, now: float) -> int:
        """Publish every kept clip of the sample, if a batch is due at `now` (s); how many."""
        with self._reading.connect() as db:
            row = db.execute(_SOMETHING).one()
        # A batch of nothing counts as well: when the next is due must not tell when a clip came.
        if not self._is_due(row.last, now) or not (row.is_new or self._rules.publish_minutes):
            return 0
        try:
            with self._writing() as db:
                return self._published(db, now)
        except sa.exc.IntegrityError:  # another process is at it
            return 0

    def _is_due(self, last: float | None, now: float) -> bool:
        return last is None or now >= last + self._rules.publish_minutes * 60

    def _published(self, db: sa.Connection, now: float) -> int:
        last = db.execute(_LAST).scalar_one_or_none()
        if last is not None:
            if not self._is_due(last, now):
                return 0
            # Two processes at once: one of them changes the row.
            same = publication.c.at == last
            if db.execute(publication.update().where(same).values(at=now)).rowcount != 1:
                return 0
        refs = list(db.execute(_NEW).scalars())
        if last is None and self._rules.publish_minutes:
            db.execute(publication.insert().values(id=1, at=now))
        secrets.SystemRandom().shuffle(refs)
        for some in in_handfuls(refs):
            db.execute(clips.update().where(clips.c.ref.in_(some)).values(published=True))
            rows = [
                {"ref": ref, "turn": secrets.randbelow(TURNS), "wanted": self._rules.reviews}
                for ref in some
                if sampled(ref, self._rules.share)
            ]
            if rows:
                db.execute(waiting.insert(), rows)
        return len(refs)
