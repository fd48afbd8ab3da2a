"""Passkeys of people, and challenges that were answered."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("hashed", sa.String(64), primary_key=True),
        sa.Column("username", sa.String(64), nullable=False, index=True),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answered_challenges",
        sa.Column("hashed", sa.String(64), primary_key=True),
        sa.Column("until", sa.Float, nullable=False, index=True),
        sqlite_with_rowid=False,
    )
