"""A PostgreSQL or MySQL address -> every row of every table that its user may read."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

from gateway.files import BadFile, reason_of
from scenarios.leaks.sources.network.remote import without_user
from scenarios.leaks.sources.reader.reader import Piece, Unread
from scenarios.leaks.sources.reader.rows import pieces_of_rows

SCHEMES = ("postgresql", "postgres", "mysql")
_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema "
    "NOT IN ('pg_catalog', 'information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1, 2"
)
_LARGE_OBJECTS = "SELECT oid FROM pg_largeobject_metadata ORDER BY 1"
_AT_ONCE = 1_000  # rows


def is_database(target: str) -> bool:
    return "://" in target and target.partition("://")[0].partition("+")[0] in SCHEMES


def rows_of_database(url: str, masked: Callable[[str], str]) -> Iterator[Piece | Unread]:
    """Rows as JSON lines with their column names. Byte values come as parts. It only reads, in one transaction.

    Raises:
        BadFile: the library for it is missing, or it does not let its user in.
    """
    name = masked(without_user(url))
    is_mysql = url.startswith("mysql")
    try:
        connection = _mysql(url) if is_mysql else _postgresql(url)
    except ImportError as error:
        raise BadFile(
            f"{name}: {error.name or 'a library'} is missing; install earlid[{'mysql' if is_mysql else 'postgresql'}]"
        ) from None
    except Exception as error:
        raise BadFile(f"{name}: does not answer ({reason_of(error)})") from None
    quote = "`" if is_mysql else '"'
    with closing(connection):
        for schema, table in _all(connection, _TABLES):
            shown = f"{schema}.{table}"
            quoted = ".".join(quote + part.replace(quote, quote * 2) + quote for part in (schema, table))
            try:
                yield from pieces_of_rows(_rows(connection, quoted), shown, kind="database")
            except Exception as error:  # no right to read it, or it went away
                connection.rollback()
                yield Unread(kind="table", name=shown, why="refused", detail=reason_of(error))
        if not is_mysql:
            yield from _large_objects(connection)


def _postgresql(url: str) -> Any:
    import psycopg

    scheme, _, rest = url.partition("://")
    connection = psycopg.connect(f"{scheme.partition('+')[0]}://{rest}", connect_timeout=10)
    connection.read_only = True
    return connection


def _mysql(url: str) -> Any:
    import pymysql

    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "localhost",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/") or None,
        cursorclass=pymysql.cursors.SSCursor,
        connect_timeout=10,
    )


def _all(connection: Any, query: str) -> list[Any]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _rows(connection: Any, quoted: str) -> Iterator[dict[str, Any]]:
    """Reads row by row, so that the server keeps what was not yet asked for."""
    named = "psycopg" in type(connection).__module__
    with closing(connection.cursor("earlid") if named else connection.cursor()) as cursor:
        cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (names from the database's own catalogue, quoted)
        while rows := cursor.fetchmany(_AT_ONCE):
            columns = [column[0] for column in cursor.description]
            for row in rows:
                yield {"table": quoted, **dict(zip(columns, row, strict=True))}


def _large_objects(connection: Any) -> Iterator[Piece | Unread]:
    for (number,) in _all(connection, _LARGE_OBJECTS):
        try:
            ((data,),) = _all(connection, f"SELECT lo_get({int(number)})")
        except Exception as error:
            connection.rollback()
            yield Unread(kind="large object", name=str(number), why="refused", detail=reason_of(error))
            continue
        yield Piece(data=bytes(data), name=str(number), kind="database")
