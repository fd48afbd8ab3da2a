"""The first schema: words and sound lie in the clear."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
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
        sa.Column("transcript", sa.Text),
        sa.Column("wav", sa.LargeBinary),
        sa.Column("peaks", sa.JSON, nullable=False),
        sa.Column("withheld", sa.String(40)),
        sa.Column("withdrawn", sa.String(40)),
        sa.Column("kept_on", sa.String(10), nullable=False),
    )
    op.create_table(
        "owners",
        sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False, index=True),
    )
    op.create_table("kept_sessions", sa.Column("key", sa.String(64), primary_key=True))
    op.create_table(
        "joins",
        sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), primary_key=True),
        sa.Column("tag", sa.String(64), nullable=False, index=True),
        sa.Column("spans_digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(32), sa.ForeignKey("clips.ref"), nullable=False, index=True),
        sa.Column("reviewer", sa.String(80), nullable=False),
        sa.Column("transcription", sa.Text, nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("effective", sa.String(16), nullable=False),
        sa.Column("heard", sa.JSON, nullable=False),
        sa.Column("annotated_at", sa.String(40), nullable=False),
    )
