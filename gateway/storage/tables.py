"""The tables of the clip store. None has row numbers: no stored order tells in which order clips came."""

import sqlalchemy as sa

meta = sa.MetaData()


def _ref() -> sa.Column[str]:
    return sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True)


# `words` (transcript and peaks) and `wav` are sealed with the clip's own key, which lies in another file.
clips = sa.Table(
    "clips",
    meta,
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
    sa.Column("withdrawn_by", sa.String(64), index=True),
    sa.Column("withdrawn_at", sa.Float, index=True),
    sa.Column("kept_on", sa.String(10), nullable=False, index=True),
    sa.Column("published", sa.Boolean, nullable=False, default=False),
    sqlite_with_rowid=False,
)
# The clips that wait for publication, asked for at each "next clip". It is small, and so a planner needs no statistics
# of the table to take it.
_unpublished = sa.and_(clips.c.published == sa.false(), clips.c.withdrawn.is_(None))
sa.Index("ix_clips_unpublished", clips.c.ref, sqlite_where=_unpublished, postgresql_where=_unpublished)
# Apart from `clips`, whose rows stay short.
sounds = sa.Table("sounds", meta, _ref(), sa.Column("wav", sa.LargeBinary, nullable=False), sqlite_with_rowid=False)
# Whose clip it is, sealed by the vault and different for each clip; gone with the pseudonyms. No reviewer role
# reads this table.
owners = sa.Table(
    "owners",
    meta,
    _ref(),
    sa.Column("owner", sa.String(200), nullable=False, index=True),
    sqlite_with_rowid=False,
)
# Keys of kept sessions only: a dropped session leaves nothing behind.
kept_sessions = sa.Table(
    "kept_sessions", meta, sa.Column("key", sa.String(64), primary_key=True), sqlite_with_rowid=False
)
# For the harness: HMAC(join key, session id), which two devices may share. No reviewer role reads this table.
joins = sa.Table(
    "joins",
    meta,
    _ref(),
    sa.Column("tag", sa.String(64), nullable=False, index=True),
    sa.Column("spans_digest", sa.String(64), nullable=False),
    sqlite_with_rowid=False,
)
# `note` (what a reviewer typed) is sealed with the clip's key. `number` counts a clip's annotations from 1.
annotations = sa.Table(
    "annotations",
    meta,
    _ref(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reviewer", sa.String(80), nullable=False, index=True),
    sa.Column("note", sa.LargeBinary),
    sa.Column("intent", sa.String(40), nullable=False),
    sa.Column("effective", sa.String(16), nullable=False),
    sa.Column("heard", sa.JSON, nullable=False),
    sa.Column("false_activation", sa.Boolean, nullable=False, default=False),
    sa.Column("speakers", sa.JSON, nullable=False, default=list),
    sa.Column("annotated_at", sa.String(40), nullable=False),
    sqlite_with_rowid=False,
)
# The answer that holds for a clip: a third person's where two differed, or known beforehand (`is_gold`).
settled = sa.Table(
    "settled",
    meta,
    _ref(),
    sa.Column("reviewer", sa.String(80), nullable=False),
    sa.Column("is_gold", sa.Boolean, nullable=False, default=False),
    sa.Column("intent", sa.String(40), nullable=False),
    sa.Column("effective", sa.String(16), nullable=False),
    sa.Column("heard", sa.JSON, nullable=False),
    sa.Column("false_activation", sa.Boolean, nullable=False, default=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("settled_at", sa.String(40), nullable=False),
    sqlite_with_rowid=False,
)
# Clips in which somebody heard distress.
flags = sa.Table("flags", meta, _ref(), sqlite_with_rowid=False)
# Published clips that still want an annotation, in a random order drawn at publication.
waiting = sa.Table(
    "waiting",
    meta,
    _ref(),
    sa.Column("turn", sa.BigInteger, nullable=False, index=True),
    sa.Column("wanted", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
# One live lease a clip. `done`: its holder has annotated it and may still correct that; `heard`: the
# sound was served to its holder.
claims = sa.Table(
    "claims",
    meta,
    _ref(),
    sa.Column("reviewer", sa.String(80), nullable=False, index=True),
    sa.Column("until", sa.Float, nullable=False, index=True),
    sa.Column("done", sa.Boolean, nullable=False, default=False),
    sa.Column("heard", sa.Boolean, nullable=False, default=False),
    sqlite_with_rowid=False,
)
# Who had which clip and what became of it (`annotated`, or why it was skipped): nobody gets one twice.
handled = sa.Table(
    "handled",
    meta,
    _ref(),
    sa.Column("reviewer", sa.String(80), primary_key=True),
    sa.Column("how", sa.String(32), nullable=False),
    sa.Column("on_day", sa.String(10), nullable=False),
    sa.Index("ix_handled_reviewer_day", "reviewer", "on_day"),
    sqlite_with_rowid=False,
)
# What somebody has typed and not submitted, sealed with the clip's key.
drafts = sa.Table(
    "drafts",
    meta,
    _ref(),
    sa.Column("reviewer", sa.String(80), primary_key=True),
    sa.Column("note", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
# One row: when clips were last published, in seconds.
publication = sa.Table(
    "publication",
    meta,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

# What hangs on a clip, in the order in which it is deleted.
OF_A_CLIP = (annotations, settled, flags, drafts, claims, handled, waiting, joins, owners, sounds, clips)
