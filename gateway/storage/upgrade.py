"""Makes a database's tables, or brings those of an earlier version to this one's, step by step.

A new database gets the tables as they are now. An older one is changed by Alembic; the steps are in `migrations/`.
"""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from gateway.storage import people_tables

_STEPS = Path(__file__).parent / "migrations"
_FIRST, _FIRST_SEALED = "0001", "0002"
_LOCK = 7_205_001  # any number that nothing else in the database locks
# Alembic's own table, one row.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True),
    sqlite_with_rowid=False,
)
_META = people_tables.meta  # the clips' tables with the people's
Seal = Callable[[str, bytes, str], bytes]


class NewerSchema(Exception):
    """A newer version of this program has changed the database. The text is its schema's number."""


class UnknownSchema(Exception):
    """There are tables of clips, and no version of this program made them so."""


def numbers() -> list[str]:
    """The numbers of all schemas, the newest last."""
    return sorted(path.stem[1:5] for path in _STEPS.glob("r[0-9]*.py"))


def upgrade(engine: sa.Engine, seal: Seal) -> bool:
    """Make or change the tables, all or none of it. Returns whether an older store was changed.

    Several processes may ask at once. `seal(ref, data, purpose)` seals what the first schema held in the clear.

    Raises:
        NewerSchema, UnknownSchema: the database is left as it is.
    """
    known = numbers()
    with engine.connect() as db:
        if _numbered(db) == known[-1]:
            return False
    with engine.connect() as db:
        _lock(db)
        number, is_empty = _numbered(db), not sa.inspect(db).has_table("clips")
        if number is not None and number not in known:
            raise NewerSchema(number)
        if number is None:
            number = known[-1] if is_empty else _guessed(db)
            if is_empty:
                _META.create_all(db)
            _version.create(db)
            db.execute(_version.insert().values(version_num=number))
        is_older = number != known[-1]
        if is_older:
            _run(db, seal)
        db.commit()
    return is_older


def _run(db: sa.Connection, seal: Seal) -> None:
    """Run every step above the number that stands in the database."""
    # Here, because hardly any start needs it, and it takes as long to load as the rest of the store.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(_STEPS), version_locations=[str(_STEPS)])
    config = Config()
    config.attributes["seal"] = seal
    with EnvironmentContext(config, steps, fn=lambda now, _: steps._upgrade_revs("head", now)) as environment:
        environment.configure(connection=db)
        with environment.begin_transaction():
            environment.run_migrations()


def _numbered(db: sa.Connection) -> str | None:
    if not sa.inspect(db).has_table(_version.name):
        return None
    return db.execute(sa.select(_version.c.version_num)).scalar_one_or_none()


def _guessed(db: sa.Connection) -> str:
    """Which schema a database of clips without a number has.

    Raises:
        UnknownSchema.
    """
    there = sa.inspect(db)
    columns = {column["name"] for column in there.get_columns("clips")}
    if "words" in columns:
        return _FIRST_SEALED
    if {"transcript", "peaks", "kept_on"} <= columns and there.has_table("joins") and there.has_table("owners"):
        return _FIRST
    raise UnknownSchema


def _lock(db: sa.Connection) -> None:
    """Wait until no other process changes the schema. The lock ends with the transaction."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE")
    elif db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
