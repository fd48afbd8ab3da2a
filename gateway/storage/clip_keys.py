"""A key for every clip, in a separate file. Data sealed with a destroyed key is gone, wherever copies of it lie.

A database keeps old pages, logs and free space, which cannot be wiped one by one. This file is small and the only place
with keys. It overwrites what it deletes.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.files import BadFile

_meta = sa.MetaData()
_keys = sa.Table(
    "keys",
    _meta,
    sa.Column("ref", sa.String(32), primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
_KEY = sa.select(_keys.c.key).where(_keys.c.ref == sa.bindparam("its_ref"))
_NONCE = 12
_SETTLING_TRIES, _SETTLING_PAUSE_S = 500, 0.01


class ClipKeys:
    """Keys by ref; several processes may share the file. Raises BadFile: the file cannot be opened."""

    def __init__(self, path: Path) -> None:
        touch(path)
        if path.stat().st_mode & 0o077:
            raise BadFile(f"{path}: others may read it; chmod 600 it")
        self._engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._engine, "connect", _pragmas)
        with self._engine.begin() as db:  # another process may be making it just now
            db.execute(sa.schema.CreateTable(_keys, if_not_exists=True))
        self._settling = threading.Lock()

    def make(self, ref: str) -> bytes:
        key = secrets.token_bytes(32)
        self.put_back(ref, key)
        return key

    def put_back(self, ref: str, key: bytes) -> None:
        with self._engine.begin() as db:
            db.execute(_keys.insert().values(ref=ref, key=key))

    def get(self, ref: str) -> bytes | None:
        """None: destroyed, or never made."""
        with self._engine.connect() as db:
            found: bytes | None = db.execute(_KEY, {"its_ref": ref}).scalar_one_or_none()
        return found

    def destroy(self, refs: Iterable[str]) -> None:
        """Destroy the keys. When this returns, they are nowhere on the disk."""
        gone = list(refs)
        with self._engine.begin() as db:
            for ref in gone:
                # A row of the same length is overwritten where it lies, before its place is given up.
                db.execute(_keys.update().where(_keys.c.ref == ref).values(key=bytes(32)))
            for ref in gone:
                db.execute(_keys.delete().where(_keys.c.ref == ref))
        with self._settling:
            settle(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def touch(path: Path) -> None:
    """Make the file, mode 0600, before a database does it with a wider one. Raises BadFile."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be opened'}") from None


def sealed(key: bytes, data: bytes, purpose: str) -> bytes:
    """AES-256-GCM with a random nonce; `purpose` keeps one column's content out of another."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, purpose.encode())


def opened(key: bytes, data: bytes, purpose: str) -> bytes | None:
    """None: sealed with another key, or damaged."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], purpose.encode())
    except InvalidTag:
        return None


def settle(engine: sa.Engine) -> None:
    """Cut SQLite's log beside the file, so that deleted keys are not in it. The pages are zeroed already.

    Raises:
        OSError: another process has been reading for so long that the log cannot be cut.
    """
    for _ in range(_SETTLING_TRIES):
        with engine.connect() as db:
            # Its busy time-out waits for readers, but not for another checkpoint.
            if not db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar():
                return
        time.sleep(_SETTLING_PAUSE_S)
    raise OSError("the database's log is in use")


def _pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
