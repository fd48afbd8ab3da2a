"""Signs reviewers in: password, second factor, server-side sessions, throttle. Knows nothing of clips."""

import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections.abc import Callable

import msgspec
import pyotp

from gateway.audit.log import Audit
from gateway.contract.model import Role
from gateway.review.accounts import Account, Accounts, password_fits

IDLE_S = 30 * 60
LIFE_S = 8 * 3600
WINDOW_S = 300
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 50
_TOTP_STEP_S = 30
HASHES_AT_ONCE = 4  # each takes 19 MiB
_HASH_WAIT_S = 0.25
_MOST_TOLD = 1_000

Limits = tuple[tuple[str, int], ...]


class LoginRefused(Exception):
    """Name, password or code is wrong: which one, nobody is told."""


class TooManyTries(Exception):
    """`retry_after_s` seconds to wait."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in reviewer. `stamp` fingerprints the account as it was at login. Times in seconds."""

    username: str
    role: Role
    stamp: str
    opened_at: float
    seen_at: float


class Auth:
    """Login, sessions and form tokens of one review tool.

    `clock` gives wall time in seconds (TOTP codes and leases live by it); `key` signs form tokens.
    """

    def __init__(self, accounts: Accounts, *, mfa: bool, audit: Audit, clock: Callable[[], float], key: bytes) -> None:
        self._accounts, self._mfa, self._audit, self._clock, self._key = accounts, mfa, audit, clock, key
        self._sessions: dict[str, Session] = {}
        self._used_codes: dict[str, int] = {}
        self._throttle = Throttle(clock)
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)
        self._told: dict[str, float] = {}

    def login(self, username: str, password: str, code: str, address: str, device: str = "") -> str:
        """A session token of 256 random bits.

        `device` is what `device_token` gave a browser that this account signed in from before: strangers who guess at
        the name, or share the address, do not lock it out.

        Raises:
            LoginRefused, TooManyTries, AccountsUnreadable.
        """
        limits = self._limits(username, address, device)
        source = _source(address)
        self._check(limits, source)
        # A flood waits nowhere: beyond a few tries at once, each is told to come back.
        if not self._hashing.acquire(timeout=_HASH_WAIT_S):
            self._throttled("busy", source)
            raise TooManyTries(1)
        try:
            # Asked again in here, so that tries at the same moment outrun the limit by HASHES_AT_ONCE at most.
            self._check(limits, source)
            account = self._accounts.find(username)
            fits = password_fits(account, password)
            if account is None or not fits or not self._second_factor_fits(account, code):
                self._throttle.count(limits)
                self._audit.record(account.username if account else "-", "login", "refused", source=source)
                raise LoginRefused
        finally:
            self._hashing.release()
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            username=account.username, role=account.role, stamp=_stamp(account), opened_at=now, seen_at=now
        )
        self._audit.record(account.username, "login", "ok", source=source)
        with self._lock:
            self._sessions = {name: each for name, each in self._sessions.items() if _alive(each, now)}
            self._sessions[_hashed(token)] = session
        return token

    def device_token(self, username: str) -> str:
        """For a browser that has signed in: it opens nothing, and counts for this account alone."""
        mark = secrets.token_hex(8)
        return f"{mark}.{self._device_mac(username, mark)}"

    def _limits(self, username: str, address: str, device: str) -> Limits:
        mark, _, mac = device.partition(".")
        if mac and hmac.compare_digest(mac.encode(), self._device_mac(username, mark).encode()):
            return ((f"device {mark}", TRIES_PER_NAME),)
        return ((f"name {username}", TRIES_PER_NAME), (f"address {address}", TRIES_PER_ADDRESS))

    def _device_mac(self, username: str, mark: str) -> str:
        return hmac.digest(self._key, f"device\0{username}\0{mark}".encode(), hashlib.sha256).hex()

    def _check(self, limits: Limits, source: str | None) -> None:
        try:
            self._throttle.check(limits)
        except TooManyTries:
            self._throttled(limits[0][0], source)
            raise

    def _throttled(self, key: str, source: str | None) -> None:
        """One line a window for each source and name: a flood of tries is no flood of lines."""
        told, now = f"{key} {source}", self._clock()
        with self._lock:
            self._told = {name: at for name, at in self._told.items() if at > now - WINDOW_S}
            if told in self._told or len(self._told) >= _MOST_TOLD:
                return
            self._told[told] = now
        self._audit.record("-", "throttled", "limited", source=source)

    def session(self, token: str) -> Session | None:
        """The live session; None when unknown, expired, or its account was withdrawn or changed.

        Raises:
            AccountsUnreadable.
        """
        name, now = _hashed(token), self._clock()
        session = self._sessions.get(name)
        if session is None:
            return None
        account = self._accounts.find(session.username)
        with self._lock:
            if account is None or _stamp(account) != session.stamp or not _alive(session, now):
                self._sessions.pop(name, None)
                return None
            if name in self._sessions:  # a logout may have come between
                self._sessions[name] = msgspec.structs.replace(session, seen_at=now)
        return session

    def logout(self, token: str) -> None:
        with self._lock:
            session = self._sessions.pop(_hashed(token), None)
        if session:
            self._audit.record(session.username, "logout", "ok")

    def form_token(self, token: str) -> str:
        """What a form must send back with the cookie `token`."""
        return hmac.digest(self._key, token.encode(), hashlib.sha256).hex()

    def form_fits(self, token: str, sent: str) -> bool:
        return bool(token) and hmac.compare_digest(self.form_token(token).encode(), sent.encode())

    def _second_factor_fits(self, account: Account, code: str) -> bool:
        """Each code counts once; one step of clock drift either way is forgiven."""
        if not self._mfa:
            return True
        if account.totp_secret is None:
            return False
        step, totp = int(self._clock()) // _TOTP_STEP_S, pyotp.TOTP(account.totp_secret)
        with self._lock:
            last = self._used_codes.get(account.username, -1)
            for each in (step - 1, step, step + 1):
                right = hmac.compare_digest(totp.at(each * _TOTP_STEP_S).encode(), code.encode())
                if right and each > last:
                    self._used_codes[account.username] = each
                    return True
        return False


class Throttle:
    """Counts failures per key in a sliding window of WINDOW_S seconds, in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def check(self, limits: Limits) -> None:
        """Raises TooManyTries when a key has used up its limit."""
        now = self._clock()
        with self._lock:
            for key, limit in limits:
                recent = [at for at in self._failures.get(key, []) if at > now - WINDOW_S]
                if len(recent) >= limit:
                    raise TooManyTries(int(recent[-limit] + WINDOW_S - now) + 1)

    def count(self, limits: Limits) -> None:
        """One failure against every key."""
        now = self._clock()
        with self._lock:
            self._failures = {key: at for key, at in self._failures.items() if at[-1] > now - WINDOW_S}
            for key, limit in limits:
                self._failures[key] = [*self._failures.get(key, []), now][-limit:]


def _source(address: str) -> str | None:
    """A network address as the audit log takes it."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def _alive(session: Session, now: float) -> bool:
    return now < session.seen_at + IDLE_S and now < session.opened_at + LIFE_S


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _stamp(account: Account) -> str:
    return hashlib.sha256(account.model_dump_json().encode()).hexdigest()
