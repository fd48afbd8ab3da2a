"""The tables of the review tool's people, sessions and tries, in the clip store's database: every worker sees them.

No table holds anything that lets somebody in. Tokens, codes and invitations are hashed. Secrets of second factors are
sealed with a key in a separate file.
"""

import sqlalchemy as sa

from gateway.storage.tables import meta as meta  # one collection with the clips' tables

# `password_hash` and `totp` are empty until an invitation was used.
people = sa.Table(
    "people",
    meta,
    sa.Column("username", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("totp", sa.LargeBinary),
    sa.Column("disabled", sa.Boolean, nullable=False, default=False),
    sqlite_with_rowid=False,
)
invitations = sa.Table(
    "invitations",
    meta,
    sa.Column("username", sa.String(64), primary_key=True),
    sa.Column("hashed", sa.String(64), nullable=False, unique=True),
    sa.Column("totp", sa.LargeBinary, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
recovery_codes = sa.Table(
    "recovery_codes",
    meta,
    sa.Column("hashed", sa.String(64), primary_key=True),
    sa.Column("username", sa.String(64), nullable=False, index=True),
    sqlite_with_rowid=False,
)
# `stamp` fingerprints the account as it was at sign-in.
sessions = sa.Table(
    "sessions",
    meta,
    sa.Column("hashed", sa.String(64), primary_key=True),
    sa.Column("username", sa.String(64), nullable=False, index=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("stamp", sa.String(64), nullable=False),
    sa.Column("opened_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)
# The newest time step whose code somebody used.
used_codes = sa.Table(
    "used_codes",
    meta,
    sa.Column("username", sa.String(64), primary_key=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
# Failed tries by a keyed hash of what they count against: a table of what strangers typed would tell more.
failures = sa.Table(
    "failures",
    meta,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("hashed", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Index("ix_failures_hashed_at", "hashed", "at"),
    sqlite_with_rowid=False,
)
# `hashed` is the credential's id as a hash; `credential` is what a browser is told so that it adds none twice.
passkeys = sa.Table(
    "passkeys",
    meta,
    sa.Column("hashed", sa.String(64), primary_key=True),
    sa.Column("username", sa.String(64), nullable=False, index=True),
    sa.Column("credential", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("label", sa.String(40), nullable=False),
    sa.Column("added_at", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
# A challenge is answered once. Rows go when the challenge would be too old anyway.
answered_challenges = sa.Table(
    "answered_challenges",
    meta,
    sa.Column("hashed", sa.String(64), primary_key=True),
    sa.Column("until", sa.Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)
