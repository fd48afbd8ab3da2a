"""The clip store: takes RedactedClips and nothing else. SQLite by default, PostgreSQL by URL.

Words, sound and notes are sealed with a key of the clip's own; a clip is deleted by destroying its key.
"""

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.clip import RedactedClip
from gateway.storage.annotating import Annotation, add_annotation
from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import Database, Words, in_handfuls, its, shown_columns
from gateway.storage.tables import (
    annotations,
    claims,
    clips,
    flags,
    joins,
    kept_sessions,
    owners,
    settled,
    sounds,
    waiting,
)

__all__ = ["Annotation", "Store", "kept_sessions"]

_TRIES = 5
EXPUNGE_EVERY_S = 1.0

_REF, _BEFORE = its("ref"), its("before")
_HERE = sa.and_(clips.c.ref == _REF, clips.c.withdrawn.is_(None))
_ROW = sa.select(*shown_columns(), clips.c.words).where(_HERE)
_WITHHELD = sa.select(clips.c.withheld).where(_HERE)
_WAV = sa.select(sounds.c.wav).join(clips, clips.c.ref == sounds.c.ref).where(_HERE)
_OLD = sa.and_(clips.c.withdrawn.is_not(None), clips.c.withdrawn_at < _BEFORE, clips.c.words.is_not(None))
_EXPUNGED = sa.select(clips.c.ref).where(_OLD)
_SAID = sa.select(annotations).where(annotations.c.ref == _REF).order_by(annotations.c.number)
_JUDGED = sa.select(annotations.c.number).where(annotations.c.ref == _REF).limit(1)


class Store:
    """One database. Methods are safe to call from several threads. Raises BadFile as `Database`."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._engine, self._reading, self._keys = self.database.engine, self.database.reading, self.database.keys
        self._expunged_before = -math.inf

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        """Keep a clip once per session key; False when that session is kept already."""
        with self._engine.connect() as db:
            try:
                db.execute(kept_sessions.insert().values(key=session_key))
                self._insert(db, clip, join_tag)
                db.commit()
            except sa.exc.IntegrityError:
                db.rollback()
                if self.has_session(session_key):
                    return False
                raise
        return True

    def _insert(self, db: sa.Connection, clip: RedactedClip, join_tag: str | None) -> None:
        row = msgspec.structs.asdict(clip)
        spans_digest, owner, wav = row.pop("spans_digest"), row.pop("owner"), row.pop("wav")
        words = Words(**{name: row.pop(name) for name in Words.__struct_fields__})
        key = self._keys.make(clip.ref)  # a kill between here and the commit leaves a key that opens nothing
        db.execute(clips.insert().values(**row, words=self.database.close_words(key, words)))
        if wav is not None:
            db.execute(sounds.insert().values(ref=clip.ref, wav=sealed(key, wav, "wav")))
        if owner is not None:
            db.execute(owners.insert().values(ref=clip.ref, owner=owner))
        if join_tag is not None:
            db.execute(joins.insert().values(tag=join_tag, ref=clip.ref, spans_digest=spans_digest))

    def has_session(self, session_key: str) -> bool:
        with self._reading.connect() as db:
            found = db.execute(sa.select(kept_sessions.c.key).where(kept_sessions.c.key == session_key)).first()
        return found is not None

    def count(self) -> int:
        """How many clips are under review."""
        query = sa.select(sa.func.count()).select_from(clips).where(clips.c.withdrawn.is_(None))
        with self._reading.connect() as db:
            return int(db.execute(query).scalar_one())

    def waiting_count(self) -> int:
        """How many published clips want an annotation."""
        with self._reading.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(waiting)).scalar_one())

    def answers(self) -> bool:
        """Whether the database can be asked just now."""
        try:
            with self._reading.connect() as db:
                db.execute(sa.select(waiting.c.ref).limit(1))
        except sa.exc.SQLAlchemyError:
            return False
        return True

    def refs(self, kept_since: str | None = None) -> list[str]:
        """Every clip under review, or those kept since a day (ISO date), in the order of their random refs.

        Arrival order is nobody's business.
        """
        query = sa.select(clips.c.ref).where(clips.c.withdrawn.is_(None)).order_by(clips.c.ref)
        if kept_since is not None:
            query = query.where(clips.c.kept_on >= kept_since)
        with self._reading.connect() as db:
            return list(db.execute(query).scalars())

    def get(self, ref: str) -> dict[str, Any] | None:
        """One clip without its audio, or None when it is unknown or withdrawn."""
        row, key = self._row_and_key(_ROW, ref)
        if row is None or key is None:
            return None
        shown = dict(row._mapping)
        return shown | msgspec.structs.asdict(self.database.open_words(key, shown.pop("words")))

    def withheld(self, ref: str) -> str | None:
        """Why a clip has no sound; None when it has. Raises KeyError: unknown or withdrawn."""
        row, key = self._row_and_key(_WITHHELD, ref)
        if row is None or key is None:
            raise KeyError
        why: str | None = row.withheld
        return why

    def audio(self, ref: str) -> bytes | None:
        """The redacted WAV, or None when unknown, withheld or withdrawn."""
        row, key = self._row_and_key(_WAV, ref)
        return opened(key, row.wav, "wav") if row is not None and key else None

    def _row_and_key(self, query: sa.Select[Any], ref: str) -> tuple[sa.Row[Any] | None, bytes | None]:
        """The key is read after the row: a clip that is withdrawn meanwhile has none."""
        with self._reading.connect() as db:
            row = db.execute(query, {"its_ref": ref}).first()
        return row, self._keys.get(ref) if row is not None else None

    def withdraw(
        self, ref: str, why: str, *, by: str | None = None, now: Callable[[], float] = time.time
    ) -> bytes | None:
        """Take a clip out of review at once: nothing of it can be read any more. None when it was not there.

        What is returned is the only copy of its key: `undo` takes it until `expunge` removes what it opens.
        """
        key = self._keys.get(ref)
        gone = {"withdrawn": why, "withdrawn_by": by, "withdrawn_at": now()}
        with self.database.writing() as db:
            changed = db.execute(clips.update().where(clips.c.ref == ref, clips.c.withdrawn.is_(None)).values(**gone))
            db.execute(waiting.delete().where(waiting.c.ref == ref))
            db.execute(claims.delete().where(claims.c.ref == ref))
        if changed.rowcount != 1 or key is None:
            return None
        self._keys.destroy([ref])
        self.database.settle()
        return key

    def undo(self, ref: str, key: bytes, *, by: str) -> bool:
        """Give back a clip that this person withdrew; False once it was expunged."""
        mine = sa.and_(clips.c.ref == ref, clips.c.withdrawn.is_not(None), clips.c.withdrawn_by == by)
        with self.database.writing() as db:
            words = db.execute(sa.select(clips.c.words).where(mine)).scalar_one_or_none()
            if words is None or opened(key, words, "words") is None:
                return False
            changed = db.execute(clips.update().where(mine).values(withdrawn=None, withdrawn_by=None))
        if changed.rowcount == 1:
            self._keys.put_back(ref, key)
        return changed.rowcount == 1

    def expunge(self, withdrawn_before: float) -> None:
        """Remove what was sealed of clips withdrawn before a time in seconds; `undo` can do nothing any more.

        Every request for a clip calls it. The database is asked once in EXPUNGE_EVERY_S at most.
        """
        if abs(withdrawn_before - self._expunged_before) < EXPUNGE_EVERY_S:
            return
        self._expunged_before = withdrawn_before
        with self._reading.connect() as db:
            if db.execute(_EXPUNGED, {"its_before": withdrawn_before}).first() is None:
                return
        with self.database.writing() as db:
            refs = list(db.execute(_EXPUNGED, {"its_before": withdrawn_before}).scalars())
            for some in in_handfuls(refs):
                db.execute(clips.update().where(clips.c.ref.in_(some)).values(words=None))
                db.execute(annotations.update().where(annotations.c.ref.in_(some)).values(note=None))
                db.execute(settled.update().where(settled.c.ref.in_(some)).values(note=None))
                db.execute(sounds.delete().where(sounds.c.ref.in_(some)))
        if refs:
            self.database.settle()

    def annotate(
        self, ref: str, annotation: Annotation, first: Callable[[sa.Connection], bool] = lambda _db: True
    ) -> bool:
        """Save an annotation. False, and nothing is saved, if `first` says so.

        `first` does more at the beginning of the same transaction. It may raise IntegrityError to begin again. What a
        reviewer has said last of a clip is not kept twice. A client that got no answer may send it again.

        Raises:
            KeyError: the clip is gone.
        """
        key = self._keys.get(ref)
        if key is None:
            raise KeyError
        for attempt in range(_TRIES):
            try:
                with self.database.writing() as db:
                    if not first(db):
                        db.rollback()
                        return False
                    add_annotation(db, key, ref, annotation)
                return True
            except sa.exc.IntegrityError:  # somebody took the number
                if attempt == _TRIES - 1:
                    raise
        return False

    def annotations(self, ref: str) -> list[dict[str, Any]]:
        """What was said of a clip, the oldest first; `transcription` is empty once the clip is gone."""
        with self._reading.connect() as db:
            said = [dict(row._mapping) for row in db.execute(_SAID, {"its_ref": ref})]
        key = self._keys.get(ref) if said else None
        for each in said:
            note = each.pop("note")
            text = opened(key, note, "note") if key and note else None
            each["transcription"] = text.decode() if text else ""
        return said

    def is_annotated(self, ref: str) -> bool:
        with self._reading.connect() as db:
            return db.execute(_JUDGED, {"its_ref": ref}).first() is not None

    def is_flagged(self, ref: str) -> bool:
        """Whether somebody heard distress in it, and it is still under review."""
        flag = flags.c.ref == ref
        query = sa.select(flags.c.ref).join(clips, clips.c.ref == flags.c.ref).where(flag, clips.c.withdrawn.is_(None))
        with self._reading.connect() as db:
            return db.execute(query).first() is not None

    def flagged(self, limit: int = 200) -> list[str]:
        """Clips in which somebody heard distress, by random reference."""
        query = sa.select(flags.c.ref).join(clips, clips.c.ref == flags.c.ref).where(clips.c.withdrawn.is_(None))
        with self._reading.connect() as db:
            return list(db.execute(query.order_by(flags.c.ref).limit(limit)).scalars())

    def withdrawn_since(self, by: str, since: float) -> int:
        """How many clips one person took out of review since a time in seconds; undone ones do not count."""
        theirs = sa.and_(clips.c.withdrawn_by == by, clips.c.withdrawn_at >= since)
        with self._reading.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(clips).where(theirs)).scalar_one())

    def unlink(self, kept_before: str) -> int:
        """Remove pseudonyms and owners of clips kept before a day (ISO date); the clips stay."""
        old = clips.c.kept_on < kept_before
        known = sa.select(owners.c.ref)
        linked = sa.or_(clips.c.device.is_not(None), clips.c.customer.is_not(None), clips.c.ref.in_(known))
        with self.database.writing() as db:
            refs = list(db.execute(sa.select(clips.c.ref).where(old, linked)).scalars())
            for some in in_handfuls(refs):
                db.execute(owners.delete().where(owners.c.ref.in_(some)))
                db.execute(clips.update().where(clips.c.ref.in_(some)).values(device=None, customer=None))
        self.database.settle()
        return len(refs)

    def delete(self, kept_before: str) -> int:
        """Delete clips kept before a day (ISO date), with everything that was written about them."""
        return self.database.delete(sa.select(clips.c.ref).where(clips.c.kept_on < kept_before))

    def delete_of(self, owned: Iterable[str]) -> int:
        """Delete every clip of these owners (as `owners` gives them) likewise."""
        some_of = in_handfuls([*owned])
        return sum(self.database.delete(sa.select(owners.c.ref).where(owners.c.owner.in_(some))) for some in some_of)

    def owner(self, ref: str) -> str | None:
        """Whose clip it is, for the vault to open; None when unknown, withdrawn or unlinked."""
        query = sa.select(owners.c.owner).join(clips, clips.c.ref == owners.c.ref)
        with self._reading.connect() as db:
            found: str | None = db.execute(
                query.where(clips.c.ref == ref, clips.c.withdrawn.is_(None))
            ).scalar_one_or_none()
        return found

    def owners(self) -> list[str]:
        """Every clip's owner, in no order that means anything."""
        with self._reading.connect() as db:
            return list(db.execute(sa.select(owners.c.owner).order_by(owners.c.owner)).scalars())

    def reseal_owners(self, anew: Callable[[str], str]) -> int:
        """Replace every owner by `anew` of it, all or none; how many."""
        with self.database.writing() as db:
            rows = db.execute(sa.select(owners.c.ref, owners.c.owner)).all()
            for row in rows:
                db.execute(owners.update().where(owners.c.ref == row.ref).values(owner=anew(row.owner)))
        self.database.settle()
        return len(rows)

    def close(self) -> None:
        self.database.close()
