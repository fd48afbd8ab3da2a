"""Answers that hold for a clip."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    op.create_table(
        "settled",
        sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True),
        sa.Column("reviewer", sa.String(80), nullable=False),
        sa.Column("is_gold", sa.Boolean, nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("effective", sa.String(16), nullable=False),
        sa.Column("heard", sa.JSON, nullable=False),
        sa.Column("false_activation", sa.Boolean, nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("settled_at", sa.String(40), nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
