"""Words, sound and notes are sealed with a key for each clip; no table has row numbers; clips wait for reviewers."""

import json
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

revision, down_revision = "0002", "0001"

_OLD = ("annotations", "joins", "owners", "kept_sessions", "clips")  # what points at clips goes before them
_OLD_INDEXES = ("ix_annotations_ref", "ix_joins_tag", "ix_owners_owner")
_KEPT = (
    "ref recorded_on trigger duration_ms device customer given_name locality latitude longitude withheld withdrawn"
    " kept_on"
).split()
_SAID = "ref reviewer intent effective heard annotated_at".split()


def upgrade() -> None:
    for index in _OLD_INDEXES:
        op.drop_index(index)
    for name in _OLD:
        op.rename_table(name, f"old_{name}")
    made = {table.name: table for table in (*_clips(), *_work())}
    _copy(op.get_bind(), made, context.config.attributes["seal"])
    for name in _OLD:
        op.drop_table(f"old_{name}")


def _copy(db: sa.Connection, made: dict[str, sa.Table], seal: Callable[[str, bytes, str], bytes]) -> None:
    """`seal(ref, data, purpose)` seals with the clip's own key and makes one where there is none."""
    old = sa.MetaData()
    old.reflect(db, only=[f"old_{name}" for name in _OLD])
    for row in db.execute(sa.select(old.tables["old_clips"])).mappings():
        kept = {name: row[name] for name in _KEPT}
        words = None
        if row["withdrawn"] is None:
            said = {"transcript": row["transcript"], "peaks": _plain(row["peaks"])}
            words = seal(row["ref"], json.dumps(said).encode(), "words")
        db.execute(made["clips"].insert().values(**kept, words=words, published=False))
        if row["wav"] is not None and row["withdrawn"] is None:
            db.execute(made["sounds"].insert().values(ref=row["ref"], wav=seal(row["ref"], row["wav"], "wav")))
    for name in ("owners", "kept_sessions", "joins"):
        for row in db.execute(sa.select(old.tables[f"old_{name}"])).mappings():
            db.execute(made[name].insert().values(**row))
    _copy_annotations(db, old.tables["old_annotations"], made["annotations"], seal)


def _copy_annotations(
    db: sa.Connection, old: sa.Table, made: sa.Table, seal: Callable[[str, bytes, str], bytes]
) -> None:
    numbers: Counter[str] = Counter()
    for row in db.execute(sa.select(old).order_by(old.c.id)).mappings():
        numbers[row["ref"]] += 1
        said = {name: row[name] for name in _SAID} | {"heard": _plain(row["heard"]), "number": numbers[row["ref"]]}
        note = seal(row["ref"], row["transcription"].encode(), "note") if row["transcription"] else None
        db.execute(made.insert().values(**said, note=note, false_activation=False, speakers=[]))


def _plain(said: object) -> object:
    """JSON as SQLite gives it back without a type, or as other databases do."""
    return json.loads(said) if isinstance(said, str) else said


def _clips() -> list[sa.Table]:
    return [
        op.create_table(
            "clips",
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
            sa.Column("words", sa.LargeBinary),
            sa.Column("withheld", sa.String(40)),
            sa.Column("withdrawn", sa.String(40)),
            sa.Column("withdrawn_by", sa.String(64)),
            sa.Column("withdrawn_at", sa.Float),
            sa.Column("kept_on", sa.String(10), nullable=False, index=True),
            sa.Column("published", sa.Boolean, nullable=False, index=True),
            sqlite_with_rowid=False,
        ),
        op.create_table("sounds", _ref(), sa.Column("wav", sa.LargeBinary, nullable=False), sqlite_with_rowid=False),
        op.create_table(
            "owners", _ref(), sa.Column("owner", sa.String(200), nullable=False, index=True), sqlite_with_rowid=False
        ),
        op.create_table("kept_sessions", sa.Column("key", sa.String(64), primary_key=True), sqlite_with_rowid=False),
        op.create_table(
            "joins",
            _ref(),
            sa.Column("tag", sa.String(64), nullable=False, index=True),
            sa.Column("spans_digest", sa.String(64), nullable=False),
            sqlite_with_rowid=False,
        ),
    ]


def _work() -> list[sa.Table]:
    return [
        op.create_table(
            "annotations",
            _ref(),
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("reviewer", sa.String(80), nullable=False, index=True),
            sa.Column("note", sa.LargeBinary),
            sa.Column("intent", sa.String(40), nullable=False),
            sa.Column("effective", sa.String(16), nullable=False),
            sa.Column("heard", sa.JSON, nullable=False),
            sa.Column("false_activation", sa.Boolean, nullable=False),
            sa.Column("speakers", sa.JSON, nullable=False),
            sa.Column("annotated_at", sa.String(40), nullable=False),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "waiting",
            _ref(),
            sa.Column("turn", sa.BigInteger, nullable=False, index=True),
            sa.Column("wanted", sa.Integer, nullable=False),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "claims",
            _ref(),
            sa.Column("reviewer", sa.String(80), nullable=False, index=True),
            sa.Column("until", sa.Float, nullable=False, index=True),
            sa.Column("done", sa.Boolean, nullable=False),
            sa.Column("heard", sa.Boolean, nullable=False),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "handled",
            _ref(),
            sa.Column("reviewer", sa.String(80), primary_key=True),
            sa.Column("how", sa.String(32), nullable=False),
            sa.Column("on_day", sa.String(10), nullable=False),
            sa.Index("ix_handled_reviewer_day", "reviewer", "on_day"),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "drafts",
            _ref(),
            sa.Column("reviewer", sa.String(80), primary_key=True),
            sa.Column("note", sa.LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "publication",
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("at", sa.Float, nullable=False),
            sqlite_with_rowid=False,
        ),
    ]


def _ref() -> sa.Column[str]:
    return sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True)
