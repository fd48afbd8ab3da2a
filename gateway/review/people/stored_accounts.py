"""Accounts in the database. An invitation is a one-time word, for setting a password and a second factor."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence

import msgspec
import pyotp
import sqlalchemy as sa

from gateway.contract.model import Role
from gateway.review.people.accounts import Account, hashed_password, is_username, new_totp_secret
from gateway.review.people.sign_in_state import stamp_of
from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import its, reading
from gateway.storage.people_tables import invitations, passkeys, people, recovery_codes, sessions, used_codes

RECOVERY_CODES = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 signs that cannot be taken for one another
_PURPOSE = "totp"
_STAND = sa.select(people.c.role, people.c.password_hash, people.c.totp, people.c.disabled)
_STAND = _STAND.where(people.c.username == its("name"))


class NoSuchAccount(LookupError):
    """Nobody has that name."""


class AccountExists(ValueError):
    """Somebody has that name."""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Who an invitation is for, and the second factor they are to enrol."""

    username: str
    totp_secret: str

    def uri(self) -> str:
        """As authenticator apps take it (otpauth)."""
        return pyotp.TOTP(self.totp_secret).provisioning_uri(name=self.username, issuer_name="Earlid review")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One account as an administrator sees it; `state` is invited, active or disabled."""

    username: str
    role: Role
    state: str
    sessions: int
    recovery_codes: int


class StoredAccounts:
    """`key` seals second factors and blinds codes; `clock` gives wall time in seconds."""

    def __init__(self, engine: sa.Engine, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._reading, self._clock = engine, reading(engine), clock
        self._seal, self._blind = (hmac.digest(key, said, hashlib.sha256) for said in (b"earlid totp", b"earlid codes"))

    # -- what signing in asks

    def find(self, username: str) -> Account | None:
        """The account, if its owner may sign in."""
        with self._reading.connect() as db:
            row = db.execute(sa.select(people).where(people.c.username == username)).first()
        if row is None or row.disabled or row.password_hash is None:
            return None
        totp = opened(self._seal, row.totp, _PURPOSE) if row.totp else None
        return Account(
            username=row.username,
            role=row.role,
            password_hash=row.password_hash,
            totp_secret=totp.decode() if totp else None,
        )

    def stamp(self, username: str) -> str | None:
        """A fingerprint of the account as it is; None when its owner may not sign in."""
        with self._reading.connect() as db:
            row = db.execute(_STAND, {"its_name": username}).first()
        return stamp_of(row.role, row.password_hash, row.totp, row.disabled) if row else None

    def use_recovery(self, username: str, code: str) -> bool:
        """Use up a recovery code. False if it was not one of this person's."""
        mine = sa.and_(recovery_codes.c.username == username, recovery_codes.c.hashed == self._hashed(_plain(code)))
        with self._engine.begin() as db:
            return db.execute(recovery_codes.delete().where(mine)).rowcount == 1

    # -- what an administrator does

    def add(self, username: str, role: Role, lasts_s: float) -> str:
        """The invitation's word. Raises AccountExists, ValueError: no username."""
        if not is_username(username):
            raise ValueError(username)
        try:
            with self._engine.begin() as db:
                db.execute(people.insert().values(username=username, role=role, disabled=False))
                return self._invite(db, username, lasts_s)
        except sa.exc.IntegrityError:
            raise AccountExists(username) from None

    def reset(self, username: str, lasts_s: float) -> str:
        """Invite again. Password, second factors, recovery codes and sessions are deleted. Raises NoSuchAccount."""
        with self._engine.begin() as db:
            gone = people.update().where(people.c.username == username).values(password_hash=None, totp=None)
            if db.execute(gone).rowcount != 1:
                raise NoSuchAccount(username)
            for table in (recovery_codes, passkeys, sessions, used_codes):
                db.execute(table.delete().where(table.c.username == username))
            return self._invite(db, username, lasts_s)

    def disable(self, username: str, *, disabled: bool = True) -> None:
        """Disable the account and its invitations at once, or enable it again. Raises NoSuchAccount."""
        with self._engine.begin() as db:
            changed = people.update().where(people.c.username == username).values(disabled=disabled)
            if db.execute(changed).rowcount != 1:
                raise NoSuchAccount(username)
            if disabled:
                db.execute(sessions.delete().where(sessions.c.username == username))
                db.execute(invitations.delete().where(invitations.c.username == username))

    def of_provider(self, username: str, role: Role) -> bool:
        """Let the account of somebody whom the provider proved have this role. False: an administrator disabled it.

        It is made at the first sign-in, with a password that nobody knows. Another role ends its sessions.
        """
        mine = people.c.username == username
        with self._reading.connect() as db:
            known = db.execute(sa.select(people.c.password_hash).where(mine)).scalar_one_or_none()
        made = known or hashed_password(secrets.token_urlsafe(32))
        with self._engine.begin() as db:
            row = db.execute(sa.select(people).where(mine)).first()
            if row is None:
                db.execute(people.insert().values(username=username, role=role, disabled=False, password_hash=made))
            elif row.disabled:
                return False
            elif row.password_hash is None:  # an administrator reset it: an open invitation would be a second way in
                db.execute(invitations.delete().where(invitations.c.username == username))
                db.execute(people.update().where(mine).values(role=role, password_hash=made))
            elif row.role != role:
                db.execute(people.update().where(mine).values(role=role))
        return True

    def standings(self) -> Sequence[Standing]:
        """By name."""

        def count(table: sa.Table) -> sa.ScalarSelect[int]:
            mine = table.c.username == people.c.username
            return sa.select(sa.func.count()).select_from(table).where(mine).scalar_subquery()

        columns = (people, count(sessions).label("open"), count(recovery_codes).label("codes"))
        with self._reading.connect() as db:
            rows = db.execute(sa.select(*columns).order_by(people.c.username)).all()
        return [
            Standing(
                username=row.username,
                role=row.role,
                state="disabled" if row.disabled else "active" if row.password_hash else "invited",
                sessions=row.open,
                recovery_codes=row.codes,
            )
            for row in rows
        ]

    def _invite(self, db: sa.Connection, username: str, lasts_s: float) -> str:
        word = secrets.token_urlsafe(32)
        totp = sealed(self._seal, new_totp_secret().encode(), _PURPOSE)
        db.execute(invitations.delete().where(invitations.c.username == username))
        row = {"hashed": self._hashed(word), "totp": totp, "until": self._clock() + lasts_s}
        db.execute(invitations.insert().values(username=username, **row))
        return word

    # -- what its owner does

    def invited(self, word: str) -> Invited | None:
        """The person of an invitation. None if the invitation does not exist, or is used or too old."""
        live = sa.and_(invitations.c.hashed == self._hashed(word), invitations.c.until > self._clock())
        with self._reading.connect() as db:
            row = db.execute(sa.select(invitations).where(live)).first()
        totp = opened(self._seal, row.totp, _PURPOSE) if row else None
        return Invited(username=row.username, totp_secret=totp.decode()) if row and totp else None

    def join(self, word: str, password: str) -> Sequence[str] | None:
        """Use up the invitation and activate the account. Returns recovery codes, or None for a wrong word."""
        asked = self.invited(word)
        if asked is None:
            return None
        totp = sealed(self._seal, asked.totp_secret.encode(), _PURPOSE)
        made = hashed_password(password)
        with self._engine.begin() as db:
            if db.execute(invitations.delete().where(invitations.c.hashed == self._hashed(word))).rowcount != 1:
                return None
            mine = people.c.username == asked.username
            db.execute(people.update().where(mine).values(password_hash=made, totp=totp))
            return self._new_codes(db, asked.username)

    def change_password(self, username: str, password: str) -> None:
        made = hashed_password(password)
        with self._engine.begin() as db:
            db.execute(people.update().where(people.c.username == username).values(password_hash=made))

    def new_recovery_codes(self, username: str) -> Sequence[str]:
        """Ten codes of 80 random bits. They are shown once and replace the earlier ones."""
        with self._engine.begin() as db:
            return self._new_codes(db, username)

    def recovery_codes_left(self, username: str) -> int:
        mine = recovery_codes.c.username == username
        with self._reading.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(recovery_codes).where(mine)).scalar_one())

    def _new_codes(self, db: sa.Connection, username: str) -> Sequence[str]:
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
        db.execute(recovery_codes.delete().where(recovery_codes.c.username == username))
        db.execute(recovery_codes.insert(), [{"username": username, "hashed": self._hashed(each)} for each in codes])
        return ["-".join(each[at : at + 4] for at in range(0, 16, 4)) for each in codes]

    def _hashed(self, word: str) -> str:
        return hmac.digest(self._blind, word.encode(), hashlib.sha256).hex()


def _plain(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())
