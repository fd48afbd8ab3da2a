"""Publishes kept clips to the queue: in batches, in a random order that is drawn here."""

import secrets

import sqlalchemy as sa

from gateway.storage.database import in_handfuls
from gateway.storage.queue_rules import Rules
from gateway.storage.sampling import sampled
from gateway.storage.tables import clips, publication, waiting

TURNS = 2**62
_LAST = sa.select(publication.c.at)
_NEW = sa.select(clips.c.ref).where(clips.c.published == sa.false(), clips.c.withdrawn.is_(None))


class Publishing:
    """The contract's rules of when and how much."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def publish(self, db: sa.Connection, now: float) -> int:
        """Publish every kept clip of the sample, if a batch is due at `now` (s); how many. Commits, or rolls back."""
        try:
            many = self._published(db, now)
            db.commit()
        except sa.exc.IntegrityError:  # another process is at it
            db.rollback()
            return 0
        return many

    def _published(self, db: sa.Connection, now: float) -> int:
        last = db.execute(_LAST).scalar_one_or_none()
        if last is not None:
            if now < last + self._rules.publish_minutes * 60:
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
