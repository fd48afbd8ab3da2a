"""What somebody has typed and not submitted, sealed with the clip's key."""

import sqlalchemy as sa

from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import Database, its
from gateway.storage.tables import drafts

_MINE = sa.and_(drafts.c.ref == its("ref"), drafts.c.reviewer == its("who"))
_TYPED = sa.select(drafts.c.note).where(_MINE)
_GONE = drafts.delete().where(_MINE)
HAS_DRAFT = sa.exists().where(_MINE)
_CHANGED = drafts.update().where(_MINE)


class Drafts:
    """One text for each person and clip."""

    def __init__(self, database: Database) -> None:
        self._keys, self._writing, self._reading = database.keys, database.writing, database.reading

    def keep(self, reviewer: str, ref: str, draft: bytes) -> bool:
        """What somebody typed, kept until they submit; False when the clip is gone."""
        key = self._keys.get(ref)
        if key is None:
            return False
        row = {"ref": ref, "reviewer": reviewer, "note": sealed(key, draft, "draft")}
        try:
            with self._writing() as db:
                delete_draft(db, reviewer, ref)
                db.execute(drafts.insert().values(**row))
        except sa.exc.IntegrityError:  # the same person typed in two windows: the newest stays
            with self._writing() as db:
                db.execute(_CHANGED.values(note=row["note"]), {"its_ref": ref, "its_who": reviewer})
        return True

    def get(self, reviewer: str, ref: str) -> bytes | None:
        with self._reading.connect() as db:
            note = db.execute(_TYPED, {"its_ref": ref, "its_who": reviewer}).scalar_one_or_none()
        key = self._keys.get(ref) if note else None
        return opened(key, note, "draft") if key and note else None


def delete_draft(db: sa.Connection, reviewer: str, ref: str) -> None:
    db.execute(_GONE, {"its_ref": ref, "its_who": reviewer})
