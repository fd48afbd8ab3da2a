"""The accounts file of the review tool. It is read again whenever it changes."""

import hashlib
import os
import re
import threading
from pathlib import Path
from typing import Protocol

import argon2
import pydantic
import pyotp
from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.model import Role
from gateway.files import BadFile, describe, read_yaml

# OWASP's setting for argon2id: 19 MiB, 2 passes, 1 lane.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


_USERNAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class Account(BaseModel):
    """One person. `totp_secret` is base32, as authenticator apps take it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: str = Field(pattern=_USERNAME)
    role: Role
    password_hash: str = Field(pattern=r"^\$argon2id\$")
    totp_secret: str | None = Field(default=None, pattern=r"^[A-Z2-7]{16,128}$")


class AccountBook(Protocol):
    """Who may sign in. Any method may raise AccountsUnreadable."""

    def find(self, username: str) -> Account | None: ...

    def stamp(self, username: str) -> str | None:
        """A fingerprint of the current account. A session with another fingerprint has ended."""

    def use_recovery(self, username: str, code: str) -> bool:
        """Whether the code was a recovery code of this person. Each counts once."""


def make_account(username: str, role: Role, password: str, totp_secret: str | None = None) -> Account:
    """Make an account for the file. The password itself is kept nowhere."""
    return Account(username=username, role=role, password_hash=hashed_password(password), totp_secret=totp_secret)


def hashed_password(password: str) -> str:
    """argon2id, with a salt."""
    return _HASHER.hash(password)


def is_username(text: str) -> bool:
    return re.fullmatch(_USERNAME, text) is not None


def new_totp_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def accounts_json(accounts: list[Account]) -> bytes:
    """The text of an accounts file."""
    return pydantic.TypeAdapter(list[Account]).dump_json(accounts, indent=1, exclude_none=True) + b"\n"


def load_accounts(path: Path) -> dict[str, Account]:
    """Accounts by username, from a YAML or JSON list.

    Raises:
        BadFile: no list, an unknown key, a wrong value, a username twice. Values are never quoted.
    """
    entries = read_yaml(path)
    if not isinstance(entries, list):
        raise BadFile(f"{path}: a list of accounts is wanted")
    accounts: dict[str, Account] = {}
    for at, entry in enumerate(entries):
        try:
            account = Account.model_validate(entry)
        except pydantic.ValidationError as error:
            raise BadFile(describe(f"{path}: {at}", error, Account)) from None
        if account.username in accounts:
            raise BadFile(f"{path}: {at}: username: stands twice")
        accounts[account.username] = account
    return accounts


def password_fits(account: Account | None, password: str) -> bool:
    """Whether the password is right. An unknown account takes as long as a wrong password."""
    try:
        _HASHER.verify(account.password_hash if account else _NOBODY, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return account is not None


_NOBODY = _HASHER.hash(os.urandom(16))


class AccountsUnreadable(Exception):
    """The file is missing or wrong. Nobody can sign in until it is mended."""


# Each account with its stamp, made together: no stamp outlives its account.
_Known = dict[str, tuple[Account, str]]


def _stamped(accounts: dict[str, Account]) -> _Known:
    return {
        name: (account, hashlib.sha256(account.model_dump_json().encode()).hexdigest())
        for name, account in accounts.items()
    }


class Accounts:
    """The accounts file. A change takes effect at the next `find`, so that a revoked account is signed out at once.

    Raises:
        BadFile: from the constructor, as `load_accounts`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen = _state(path)
        self._accounts: _Known | None = _stamped(load_accounts(path))

    def find(self, username: str) -> Account | None:
        """Raises AccountsUnreadable."""
        found = self._current().get(username)
        return found[0] if found else None

    def stamp(self, username: str) -> str | None:
        """Raises AccountsUnreadable."""
        found = self._current().get(username)
        return found[1] if found else None

    def use_recovery(self, _username: str, _code: str) -> bool:
        """A file holds no recovery codes."""
        return False

    def without_totp(self) -> list[str]:
        """The accounts without a second factor. They cannot sign in if one is asked for."""
        return [account.username for account, _ in self._current().values() if account.totp_secret is None]

    def _current(self) -> _Known:
        with self._lock:
            state = _state(self._path)
            if state != self._seen:
                self._seen, self._accounts = state, _load_or_none(self._path)
            if self._accounts is None:
                raise AccountsUnreadable
            return self._accounts


def _load_or_none(path: Path) -> _Known | None:
    try:
        return _stamped(load_accounts(path))
    except BadFile:
        return None


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
