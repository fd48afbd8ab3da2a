"""People, their sessions and failed tries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    _table(
        "people",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("disabled", sa.Boolean, nullable=False),
    )
    _table(
        "invitations",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("hashed", sa.String(64), nullable=False, unique=True),
        sa.Column("totp", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    _table(
        "recovery_codes",
        sa.Column("hashed", sa.String(64), primary_key=True),
        sa.Column("username", sa.String(64), nullable=False),
    )
    _index("recovery_codes", "username")
    _table(
        "sessions",
        sa.Column("hashed", sa.String(64), primary_key=True),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    _index("sessions", "username")
    _index("sessions", "seen_at")
    _table(
        "used_codes",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("step", sa.BigInteger, nullable=False),
    )
    _table(
        "failures",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("hashed", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    _index("failures", "at")
    op.create_index("ix_failures_hashed_at", "failures", ["hashed", "at"], if_not_exists=True)


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False, if_not_exists=True)


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)
