"""One database by URL and the file of its clips' keys: what the store and the assignments share."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.files import BadFile
from gateway.storage.clip_keys import ClipKeys, opened, sealed, settle, touch
from gateway.storage.tables import OF_A_CLIP, clips
from gateway.storage.upgrade import NewerSchema, UnknownSchema, upgrade
from gateway.word_times import CoveredPart, TimedWord

_KEYS = "clip_keys"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What of a clip is words or drawn from its sound: sealed together."""

    transcript: str | None = None
    peaks: list[int] = []
    times: list[TimedWord] = []
    covered: list[CoveredPart] = []


class Database:
    """`url` is SQLAlchemy's; `?clip_keys=FILE` says where the keys lie: beside SQLite's own file without it.

    `reading` is for single SELECTs. `accounts_key` is where the key of people's second factors belongs: beside the
    clips' keys.

    Raises:
        BadFile: the URL does not open (its password is not quoted), names no keys where it has to, or a newer version
            made the store. An older store is upgraded.
    """

    def __init__(self, url: str) -> None:
        try:
            asked = sa.engine.make_url(url)
            keys = _keys_of(asked)
            self.keys, self.accounts_key = ClipKeys(keys), keys.with_name(f"{keys.name}.accounts")
            self.engine = sa.create_engine(asked.difference_update_query([_KEYS]))
            self.reading = reading(self.engine)
            self._turn: AbstractContextManager[object] = (
                threading.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
            )
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise _not_opened(url, error) from None
        if self.engine.dialect.name == "sqlite":
            if asked.database:
                touch(Path(asked.database))
            sa.event.listen(self.engine, "connect", _sqlite_pragmas)
        try:
            if upgrade(self.engine, self._seal):
                self.settle()
        except BaseException as error:
            self.close()
            if isinstance(error, sa.exc.SQLAlchemyError | ImportError | NewerSchema | UnknownSchema):
                raise _not_opened(url, error) from None
            raise

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that changes something.

        On SQLite those of one process take turns here. It has one writer at a time, and whoever finds it busy sleeps
        and tries again, in no order.
        """
        with self._turn, self.engine.begin() as db:
            yield db

    def _seal(self, ref: str, data: bytes, purpose: str) -> bytes:
        return sealed(self.keys.get(ref) or self.keys.make(ref), data, purpose)

    def close_words(self, key: bytes, words: Words) -> bytes:
        return sealed(key, msgspec.json.encode(words), "words")

    def open_words(self, key: bytes, data: bytes | None) -> Words:
        """Empty: nothing was kept, or it is gone."""
        text = opened(key, data, "words") if data else None
        return msgspec.json.decode(text, type=Words) if text else Words()

    def delete(self, which: sa.Select[Any]) -> int:
        """Delete clips by ref with everything that was written about them; how many."""
        with self.writing() as db:
            refs = list(db.execute(which).scalars())
            for some in in_handfuls(refs):
                for table in OF_A_CLIP:
                    db.execute(table.delete().where(table.c.ref.in_(some)))
        if refs:
            self.keys.destroy(refs)
        self.settle()
        return len(refs)

    def settle(self) -> None:
        """What was deleted is gone from the log beside SQLite's file, too."""
        if self.engine.dialect.name == "sqlite":
            settle(self.engine)

    def close(self) -> None:
        self.engine.dispose()
        self.keys.close()


def reading(engine: sa.Engine) -> sa.Engine:
    """The same connections for single SELECTs, never for changes: PostgreSQL hears of no transaction around each."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def its(name: str) -> sa.BindParameter[Any]:
    """A value of a statement that is built once and executed with `{"its_<name>": value}`.

    SQLAlchemy takes longer to build a statement than a database to answer it.
    """
    return sa.bindparam(f"its_{name}")


def shown_columns() -> list[sa.Column[Any]]:
    """What any role may see of a clip, where the contract let it into the store."""
    hidden = ("withdrawn", "withdrawn_by", "withdrawn_at", "words", "kept_on", "published")
    return [column for column in clips.columns if column.name not in hidden]


def in_handfuls(refs: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """Databases bound how many values one statement takes."""
    return (refs[at : at + size] for at in range(0, len(refs), size))


def _not_opened(url: str, why: Exception) -> BadFile:
    shown = sa.engine.make_url(url).render_as_string() if "://" in url else "store"
    match why:
        case NewerSchema():
            text = f"a newer version of Earlid made it (schema {why}); use that version, or a store of its own"
        case UnknownSchema():
            text = "its tables of clips are no version of Earlid's"
        case _:
            text = f"cannot be opened ({type(why).__name__}); a SQLAlchemy URL is wanted"
    return BadFile(f"{shown}: {text}")


def _keys_of(url: sa.URL) -> Path:
    said = url.query.get(_KEYS)
    if said:
        return Path(said if isinstance(said, str) else said[0])
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return Path(f"{url.database}.keys")
    raise BadFile(f"{url.render_as_string()}: ?{_KEYS}=FILE: wanted; where the clips' keys lie, on this machine")


def _sqlite_pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
