"""One database by URL and the file of its clips' keys: what the store and the assignments share."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.files import BadFile
from gateway.storage.clip_keys import ClipKeys, opened, sealed, settle, touch
from gateway.storage.tables import OF_A_CLIP, clips, meta

_KEYS = "clip_keys"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What of a clip is words or drawn from its sound: sealed together."""

    transcript: str | None = None
    peaks: list[int] = []


class Database:
    """`url` is SQLAlchemy's; `?clip_keys=FILE` says where the keys lie: beside SQLite's own file without it.

    Raises:
        BadFile: the URL does not open (its password is not quoted), or names no keys where it has to.
    """

    def __init__(self, url: str) -> None:
        try:
            asked = sa.engine.make_url(url)
            self.keys = ClipKeys(_keys_of(asked))
            self.engine = sa.create_engine(asked.difference_update_query([_KEYS]))
            if self.engine.dialect.name == "sqlite" and asked.database:
                touch(Path(asked.database))
            if self.engine.dialect.name == "sqlite":
                sa.event.listen(self.engine, "connect", _sqlite_pragmas)
            meta.create_all(self.engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            shown = sa.engine.make_url(url).render_as_string() if "://" in url else "store"
            raise BadFile(f"{shown}: cannot be opened ({type(error).__name__}); a SQLAlchemy URL is wanted") from None

    def close_words(self, key: bytes, words: Words) -> bytes:
        return sealed(key, msgspec.json.encode(words), "words")

    def open_words(self, key: bytes, data: bytes | None) -> Words:
        """Empty: nothing was kept, or it is gone."""
        text = opened(key, data, "words") if data else None
        return msgspec.json.decode(text, type=Words) if text else Words()

    def delete(self, which: sa.Select[Any]) -> int:
        """Delete clips by ref with everything that was written about them; how many."""
        with self.engine.begin() as db:
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


def shown_columns() -> list[sa.Column[Any]]:
    """What any role may see of a clip, where the contract let it into the store."""
    hidden = ("withdrawn", "withdrawn_by", "withdrawn_at", "words", "kept_on", "published")
    return [column for column in clips.columns if column.name not in hidden]


def in_handfuls(refs: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """Databases bound how many values one statement takes."""
    return (refs[at : at + size] for at in range(0, len(refs), size))


def _keys_of(url: sa.URL) -> Path:
    said = url.query.get(_KEYS)
    if said:
        return Path(said if isinstance(said, str) else said[0])
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return Path(f"{url.database}.keys")
    raise BadFile(f"{url.render_as_string()}: ?{_KEYS}=FILE: wanted; where the clips' keys lie, on this machine")


def _sqlite_pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=10000", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
