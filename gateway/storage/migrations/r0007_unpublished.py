"""An index of the clips that wait for publication alone: asked at each "next clip", and empty most of the time."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"

_published, _withdrawn = sa.column("published", sa.Boolean), sa.column("withdrawn", sa.String)
_WAITS = sa.and_(_published == sa.false(), _withdrawn.is_(None))


def upgrade() -> None:
    op.drop_index("ix_clips_published", "clips")
    op.create_index("ix_clips_unpublished", "clips", ["ref"], sqlite_where=_WAITS, postgresql_where=_WAITS)
