"""The clip store: takes RedactedClips and nothing else. SQLite by default, PostgreSQL by URL."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.clip import RedactedClip
from gateway.files import BadFile

_meta = sa.MetaData()

clips = sa.Table(
    "clips",
    _meta,
    sa.Column("ref", sa.String(32), primary_key=True),
    sa.Column("recorded_on", sa.String(40), nullable=False),
    sa.Column("trigger", sa.String(16), nullable=False),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("device", sa.String(80)),
    sa.Column("customer", sa.String(80)),
    sa.Column("given_name", sa.String(80)),
    sa.Column("locality", sa.String(160)),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("transcript", sa.Text),
    sa.Column("wav", sa.LargeBinary),
    sa.Column("peaks", sa.JSON, nullable=False),
    sa.Column("withheld", sa.String(40)),
    sa.Column("withdrawn", sa.String(40)),
    sa.Column("kept_on", sa.String(10), nullable=False),
)
# Whose clip it is, sealed by the vault and different for each clip; gone with the pseudonyms. No reviewer role
# reads this table.
owners = sa.Table(
    "owners",
    _meta,
    sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False, index=True),
)
# Keys of kept sessions only: a dropped session leaves nothing behind.
kept_sessions = sa.Table("kept_sessions", _meta, sa.Column("key", sa.String(64), primary_key=True))
# For the harness: HMAC(join key, session id), which two devices may share. No reviewer role reads this table.
joins = sa.Table(
    "joins",
    _meta,
    sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True),
    sa.Column("tag", sa.String(64), nullable=False, index=True),
    sa.Column("spans_digest", sa.String(64), nullable=False),
)
annotations = sa.Table(
    "annotations",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), nullable=False, index=True),
    sa.Column("reviewer", sa.String(80), nullable=False),
    sa.Column("transcription", sa.Text, nullable=False),
    sa.Column("intent", sa.String(40), nullable=False),
    sa.Column("effective", sa.String(16), nullable=False),
    sa.Column("heard", sa.JSON, nullable=False),
    sa.Column("annotated_at", sa.String(40), nullable=False),
)

_SHOWN = [column for column in clips.columns if column.name not in ("withdrawn", "wav", "kept_on")]


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """What one reviewer says of one clip. `heard` are codes such as `background_talk` or `child`."""

    reviewer: str
    transcription: str
    intent: str
    effective: str
    heard: Sequence[str] = ()


class Store:
    """One database. Methods are safe to call from several threads.

    Raises:
        BadFile: from the constructor, when the URL does not open (the URL's password is not quoted).
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = sa.create_engine(url, future=True)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _sqlite_pragmas)
            _meta.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            shown = sa.engine.make_url(url).render_as_string() if "://" in url else "store"
            raise BadFile(f"{shown}: cannot be opened ({type(error).__name__}); a SQLAlchemy URL is wanted") from None

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        """Keep a clip once per session key; False when that session is kept already."""
        with self._engine.connect() as db:
            try:
                db.execute(kept_sessions.insert().values(key=session_key))
                row = msgspec.structs.asdict(clip)
                spans_digest, owner = row.pop("spans_digest"), row.pop("owner")
                db.execute(clips.insert().values(**row))
                if owner is not None:
                    db.execute(owners.insert().values(ref=clip.ref, owner=owner))
                if join_tag is not None:
                    db.execute(joins.insert().values(tag=join_tag, ref=clip.ref, spans_digest=spans_digest))
                db.commit()
            except sa.exc.IntegrityError:
                db.rollback()
                if self.has_session(session_key):
                    return False
                raise
        return True

    def has_session(self, session_key: str) -> bool:
        with self._engine.connect() as db:
            found = db.execute(sa.select(kept_sessions.c.key).where(kept_sessions.c.key == session_key)).first()
        return found is not None

    def queue(self, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """Clips still under review, in the order of their random refs: arrival order is nobody's business."""
        query = sa.select(*_SHOWN).where(clips.c.withdrawn.is_(None)).order_by(clips.c.ref).limit(limit).offset(offset)
        with self._engine.connect() as db:
            return [dict(row._mapping) for row in db.execute(query)]

    def count(self) -> int:
        """How many clips are under review."""
        query = sa.select(sa.func.count()).select_from(clips).where(clips.c.withdrawn.is_(None))
        with self._engine.connect() as db:
            return int(db.execute(query).scalar_one())

    def refs(self) -> list[str]:
        """Every clip under review, in the order of `queue`."""
        query = sa.select(clips.c.ref).where(clips.c.withdrawn.is_(None)).order_by(clips.c.ref)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def get(self, ref: str) -> dict[str, Any] | None:
        """One clip without its audio, or None when it is unknown or withdrawn."""
        query = sa.select(*_SHOWN).where(clips.c.ref == ref, clips.c.withdrawn.is_(None))
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return dict(row._mapping) if row else None

    def audio(self, ref: str) -> bytes | None:
        """The redacted WAV, or None when unknown, withheld or withdrawn."""
        query = sa.select(clips.c.wav).where(clips.c.ref == ref, clips.c.withdrawn.is_(None))
        with self._engine.connect() as db:
            wav: bytes | None = db.execute(query).scalar_one_or_none()
        return wav

    def withdraw(self, ref: str, why: str) -> bool:
        """Take a clip out of review at once; its audio and transcripts are deleted, not hidden."""
        emptied: dict[str, Any] = {"withdrawn": why, "wav": None, "transcript": None, "peaks": []}
        with self._engine.begin() as db:
            changed = db.execute(
                clips.update().where(clips.c.ref == ref, clips.c.withdrawn.is_(None)).values(**emptied)
            )
            db.execute(annotations.update().where(annotations.c.ref == ref).values(transcription=""))
        return changed.rowcount == 1

    def annotate(self, ref: str, annotation: Annotation) -> None:
        row = msgspec.structs.asdict(annotation) | {"ref": ref, "heard": list(annotation.heard)}
        with self._engine.begin() as db:
            db.execute(annotations.insert().values(**row, annotated_at=datetime.now(UTC).isoformat(timespec="seconds")))

    def annotations(self, ref: str) -> list[dict[str, Any]]:
        with self._engine.connect() as db:
            rows = db.execute(annotations.select().where(annotations.c.ref == ref).order_by(annotations.c.id))
            return [dict(row._mapping) for row in rows]

    def annotated_by(self, reviewer: str) -> set[str]:
        """The clips one reviewer has annotated."""
        query = sa.select(annotations.c.ref).where(annotations.c.reviewer == reviewer).distinct()
        with self._engine.connect() as db:
            return set(db.execute(query).scalars())

    def unlink(self, kept_before: str) -> int:
        """Remove pseudonyms and owners of clips kept before a day (ISO date); the clips stay."""
        old = clips.c.kept_on < kept_before
        linked = sa.or_(clips.c.device.is_not(None), clips.c.customer.is_not(None), clips.c.ref.in_(_refs(owners)))
        with self._engine.begin() as db:
            refs = list(db.execute(sa.select(clips.c.ref).where(old, linked)).scalars())
            for some in _some(refs):
                db.execute(owners.delete().where(owners.c.ref.in_(some)))
                db.execute(clips.update().where(clips.c.ref.in_(some)).values(device=None, customer=None))
        self._settle()
        return len(refs)

    def delete(self, kept_before: str) -> int:
        """Delete clips kept before a day (ISO date), with everything that was written about them."""
        return self._delete(sa.select(clips.c.ref).where(clips.c.kept_on < kept_before))

    def delete_of(self, owned: Iterable[str]) -> int:
        """Delete every clip of these owners (as `owners` gives them) likewise."""
        return sum(self._delete(sa.select(owners.c.ref).where(owners.c.owner.in_(some))) for some in _some([*owned]))

    def owner(self, ref: str) -> str | None:
        """Whose clip it is, for the vault to open; None when unknown, withdrawn or unlinked."""
        query = sa.select(owners.c.owner).join(clips, clips.c.ref == owners.c.ref)
        with self._engine.connect() as db:
            found: str | None = db.execute(
                query.where(clips.c.ref == ref, clips.c.withdrawn.is_(None))
            ).scalar_one_or_none()
        return found

    def owners(self) -> list[str]:
        """Every clip's owner, in no order that means anything."""
        with self._engine.connect() as db:
            return list(db.execute(sa.select(owners.c.owner).order_by(owners.c.owner)).scalars())

    def _delete(self, which: sa.Select[Any]) -> int:
        with self._engine.begin() as db:
            refs = list(db.execute(which).scalars())
            for some in _some(refs):
                for table in (annotations, joins, owners, clips):
                    db.execute(table.delete().where(table.c.ref.in_(some)))
        self._settle()
        return len(refs)

    def _settle(self) -> None:
        """Nothing of what was deleted stays in SQLite's log beside the file (its pages are zeroed already)."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._engine.dispose()


def _refs(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.ref)


def _some(refs: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    """In handfuls: databases bound how many values one statement takes."""
    return [refs[at : at + size] for at in range(0, len(refs), size)]


def _sqlite_pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=10000", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
