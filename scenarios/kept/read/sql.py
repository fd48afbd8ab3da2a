"""Reads the rows of a query. It never writes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.files import BadFile
from scenarios.kept.read.clip import Found, Unreadable
from scenarios.kept.read.credentials import value_of
from scenarios.model.targets.kept import KeptSql


def rows_of(kept: KeptSql, beside: Path) -> Iterator[Found | str]:
    """Every row as a record.

    Raises:
        BadFile: there is no such file, or a credential is missing. Unreadable: the database or the query fails.
    """
    engine = _engine(kept, beside)
    try:
        with engine.connect() as db:
            for row in db.execute(sa.text(kept.query).execution_options(stream_results=True)).mappings():
                yield _record(dict(row), kept)
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        why = type(getattr(error, "orig", None) or error).__name__
        raise Unreadable(f"the database does not answer the query ({why})") from None
    finally:
        engine.dispose()


def _engine(kept: KeptSql, beside: Path) -> sa.Engine:
    if kept.url.startswith("sqlite:///"):
        path = (beside / kept.url.removeprefix("sqlite:///")).resolve()
        if not path.is_file():
            raise BadFile(f"target: kept.url: {path} is no file")
        address = f"{path.as_uri()}?mode=ro"
        return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=sa.NullPool)
    url = sa.make_url(kept.url)
    driver = "postgresql+psycopg" if kept.url.startswith("postgresql") else "mysql+pymysql"
    url = url.set(drivername=driver)
    if kept.password is not None:
        url = url.set(password=value_of(kept.password, beside))
    try:
        options = {"postgresql_readonly": True} if driver.startswith("postgresql") else {}
        return sa.create_engine(url, execution_options=options)
    except ModuleNotFoundError as error:
        raise BadFile(f"target: kept.url: {error.name} is missing; install earlid[postgresql] or [mysql]") from None


def _record(row: dict[str, Any], kept: KeptSql) -> Found:
    column = kept.audio.bytes if kept.audio else None
    if column is None:
        return Found(data=row)
    sound = row.pop(column, None)
    if isinstance(sound, bytes | memoryview):
        return Found(data=row, audio=bytes(sound))
    return Found(data=row, trouble="a row has no sound in the column that kept.audio names")
