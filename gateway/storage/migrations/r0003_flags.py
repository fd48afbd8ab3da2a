"""Clips in which somebody heard distress, and who withdrew what and when is found quickly.

From here to 0005 a table or index may be there: versions without numbers made what they lacked when they started.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.create_index("ix_clips_withdrawn_by", "clips", ["withdrawn_by"], if_not_exists=True)
    op.create_index("ix_clips_withdrawn_at", "clips", ["withdrawn_at"], if_not_exists=True)
    ref = sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True)
    op.create_table("flags", ref, sqlite_with_rowid=False, if_not_exists=True)
