"""Keeps sessions, used codes and failed tries in the database, so that every worker sees the same."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.contract.model import Role
from gateway.storage.database import its, reading
from gateway.storage.people_tables import failures, people, sessions, used_codes

IDLE_S = 30 * 60
LIFE_S = 8 * 3600
WINDOW_S = 300
# How far a session's last use may lag behind: a page is read without a write.
_SEEN_EVERY_S = 60
_SESSION = sa.select(sessions).where(sessions.c.hashed == its("hash"))
_STANDING = (people.c.role.label("now"), people.c.password_hash, people.c.totp, people.c.disabled)
_WITH_ACCOUNT = sa.select(sessions, *_STANDING).where(sessions.c.hashed == its("hash"))
_WITH_ACCOUNT = _WITH_ACCOUNT.select_from(sessions.outerjoin(people, people.c.username == sessions.c.username))

Limits = tuple[tuple[str, int], ...]


class TooManyTries(Exception):
    """`retry_after_s` seconds to wait."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in person. `stamp` fingerprints the account as it was at login. Times in seconds."""

    username: str
    role: Role
    stamp: str
    opened_at: float
    seen_at: float


class SignInState:
    """`key` hides the names and addresses of failed tries. `clock` gives wall time in seconds."""

    def __init__(self, engine: sa.Engine, key: bytes, clock: Callable[[], float]) -> None:
        self._engine, self._reading, self._clock = engine, reading(engine), clock
        self._key = hmac.digest(key, b"earlid tries", hashlib.sha256)

    # -- sessions

    def open(self, token: str, session: Session) -> None:
        now = self._clock()
        dead = sa.or_(sessions.c.seen_at <= now - IDLE_S, sessions.c.opened_at <= now - LIFE_S)
        with self._engine.begin() as db:
            db.execute(sessions.delete().where(dead))
            db.execute(sessions.insert().values(hashed=_hashed(token), **msgspec.structs.asdict(session)))

    def session(self, token: str) -> Session | None:
        """The session of a token that has not expired. The caller checks the account."""
        return self._live(token, self._row(_SESSION, token))

    def session_and_stamp(self, token: str) -> tuple[Session, str | None] | None:
        """As `session`, with the stamp of the account as the database has it now: one query for both."""
        row = self._row(_WITH_ACCOUNT, token)
        found = self._live(token, row)
        return (found, stamp_of(row.now, row.password_hash, row.totp, row.disabled)) if found and row else None

    def _row(self, query: sa.Select[Any], token: str) -> sa.Row[Any] | None:
        with self._reading.connect() as db:
            return db.execute(query, {"its_hash": _hashed(token)}).first()

    def _live(self, token: str, row: sa.Row[Any] | None) -> Session | None:
        now = self._clock()
        if row is None:
            return None
        found = _session(row)
        if now >= found.seen_at + IDLE_S or now >= found.opened_at + LIFE_S:
            self.close(token)
            return None
        if now >= found.seen_at + _SEEN_EVERY_S:
            with self._engine.begin() as db:  # gone meanwhile: nothing is changed
                db.execute(sessions.update().where(sessions.c.hashed == row.hashed).values(seen_at=now))
        return found

    def close(self, token: str) -> None:
        with self._engine.begin() as db:
            db.execute(sessions.delete().where(sessions.c.hashed == _hashed(token)))

    def close_all(self, username: str, *, but: str = "") -> int:
        """End every session of one person, except that of the token `but`. Returns the number."""
        theirs = sa.and_(sessions.c.username == username, sessions.c.hashed != _hashed(but))
        with self._engine.begin() as db:
            return db.execute(sessions.delete().where(theirs)).rowcount

    def sessions_of(self, username: str) -> Sequence[Session]:
        """The newest first."""
        query = sa.select(sessions).where(sessions.c.username == username, self._alive())
        with self._reading.connect() as db:
            return [_session(row) for row in db.execute(query.order_by(sessions.c.opened_at.desc()))]

    def open_sessions(self) -> Sequence[Session]:
        """Everybody's, by name, the newest first."""
        query = sa.select(sessions).where(self._alive())
        with self._reading.connect() as db:
            return [
                _session(row) for row in db.execute(query.order_by(sessions.c.username, sessions.c.opened_at.desc()))
            ]

    def _alive(self) -> sa.ColumnElement[bool]:
        now = self._clock()
        return sa.and_(sessions.c.seen_at > now - IDLE_S, sessions.c.opened_at > now - LIFE_S)

    # -- used codes

    def use_code(self, username: str, step: int) -> bool:
        """Use the code of this time step. False if it or a later one was used before."""
        mine = used_codes.c.username == username
        try:
            with self._engine.begin() as db:
                if db.execute(used_codes.update().where(mine, used_codes.c.step < step).values(step=step)).rowcount:
                    return True
                if db.execute(sa.select(used_codes.c.step).where(mine)).first() is not None:
                    return False
                db.execute(used_codes.insert().values(username=username, step=step))
        except sa.exc.IntegrityError:  # the same code in two workers at once
            return False
        return True

    # -- failed tries, in a sliding window of WINDOW_S seconds

    def check(self, limits: Limits) -> None:
        """Raises TooManyTries if a key has reached its limit."""
        now = self._clock()
        with self._reading.connect() as db:
            for key, limit in limits:
                recent = sa.select(failures.c.at).where(
                    failures.c.hashed == self._blinded(key), failures.c.at > now - WINDOW_S
                )
                newest = list(db.execute(recent.order_by(failures.c.at.desc()).limit(limit)).scalars())
                if len(newest) >= limit:
                    raise TooManyTries(int(newest[-1] + WINDOW_S - now) + 1)

    def count(self, limits: Limits) -> None:
        """One failure against every key."""
        now = self._clock()
        rows = [{"id": secrets.token_hex(16), "hashed": self._blinded(key), "at": now} for key, _ in limits]
        with self._engine.begin() as db:
            db.execute(failures.delete().where(failures.c.at <= now - WINDOW_S))
            db.execute(failures.insert(), rows)

    def _blinded(self, key: str) -> str:
        return hmac.digest(self._key, key.encode(), hashlib.sha256).hex()


def stamp_of(role: str | None, password_hash: str | None, totp: bytes | None, disabled: bool | None) -> str | None:
    """A fingerprint of an account of the database; None when its owner may not sign in, or there is none."""
    if role is None or disabled or password_hash is None:
        return None
    return hashlib.sha256(repr((role, password_hash, totp)).encode()).hexdigest()


def _session(row: Any) -> Session:
    return Session(username=row.username, role=row.role, stamp=row.stamp, opened_at=row.opened_at, seen_at=row.seen_at)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
