"""Signs reviewers in: password, second factor, server-side sessions, throttle. It knows nothing about clips."""

import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyotp

from gateway.audit.log import Audit
from gateway.review.people.accounts import Account, AccountBook, password_fits
from gateway.review.people.sign_in_state import WINDOW_S, Limits, Session, SignInState, TooManyTries
from gateway.review.people.stored_accounts import StoredAccounts

TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 50
_TOTP_STEP_S = 30
_TOTP_DIGITS = 6
HASHES_AT_ONCE = 4  # each takes 19 MiB
_HASH_WAIT_S = 0.25
_MOST_TOLD = 1_000


class LoginRefused(Exception):
    """Name, password or code is wrong. The caller is not told which."""


class Auth:
    """Login, sessions and form tokens of one review tool.

    `clock` gives wall time in seconds (TOTP codes and leases live by it); `key` signs form tokens.
    """

    def __init__(
        self,
        accounts: AccountBook,
        state: SignInState,
        *,
        mfa: bool,
        audit: Audit,
        clock: Callable[[], float],
        key: bytes,
    ) -> None:
        self._accounts, self.state = accounts, state
        self._mfa, self._audit, self._clock, self._key = mfa, audit, clock, key
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)
        # In threads of their own: the allocator keeps what a thread once used, for every thread that ever hashed.
        self._hashers = ThreadPoolExecutor(HASHES_AT_ONCE, "password")
        self._told: dict[str, float] = {}

    def login(
        self,
        username: str,
        password: str,
        code: str,
        address: str,
        device: str = "",
        passkey: Callable[[str], bool] | None = None,
    ) -> str:
        """A session token of 256 random bits.

        `passkey` says whether a passkey of this account answered; where it is given, it takes the place of the code.

        `device` is the `device_token` of a browser from which this account signed in before. Strangers who guess at the
        name, or share the address, cannot lock out that browser.

        Raises:
            LoginRefused, TooManyTries, AccountsUnreadable.
        """
        account = self._proved(
            username, password, address, device, lambda account: self._second_factor_fits(account, code, passkey)
        )
        token = self.let_in(account.username, address)
        if token is None:  # withdrawn meanwhile
            raise LoginRefused
        return token

    def let_in(self, username: str, address: str) -> str | None:
        """A session token for somebody who has proved who they are. None: the account is gone or disabled.

        Raises:
            AccountsUnreadable.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        account, stamp = self._accounts.find(username), self._accounts.stamp(username)
        if account is None or stamp is None:
            return None
        self._audit.record(username, "login", "ok", source=_source(address))
        session = Session(username=username, role=account.role, stamp=stamp, opened_at=now, seen_at=now)
        self.state.open(token, session)
        return token

    def refused(self, address: str) -> None:
        """Write down a refused sign-in of somebody whose account is not known."""
        self._audit.record("-", "login", "refused", source=_source(address))

    def confirm(self, session: Session, password: str, address: str) -> None:
        """Ask for the session's password again, before the account is changed.

        Raises:
            LoginRefused, TooManyTries, AccountsUnreadable.
        """
        self._proved(session.username, password, address, "", lambda _: True)

    def _proved(
        self, username: str, password: str, address: str, device: str, second: Callable[[Account], bool]
    ) -> Account:
        """The account, if the password is right and `second`, which is asked after it, says yes."""
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
            fits = self._hashers.submit(password_fits, account, password).result()
            if account is None or not fits or not second(account):
                self.state.count(limits)
                self._audit.record(account.username if account else "-", "login", "refused", source=source)
                raise LoginRefused
        finally:
            self._hashing.release()
        return account

    def device_token(self, username: str) -> str:
        """A token for a browser that has signed in. It opens nothing and is valid for this account alone."""
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
            self.state.check(limits)
        except TooManyTries:
            self._throttled(limits[0][0], source)
            raise

    def _throttled(self, key: str, source: str | None) -> None:
        """Write at most one line in a time window for each source and name, also in a flood."""
        told, now = f"{key} {source}", self._clock()
        with self._lock:
            self._told = {name: at for name, at in self._told.items() if at > now - WINDOW_S}
            if told in self._told or len(self._told) >= _MOST_TOLD:
                return
            self._told[told] = now
        self._audit.record("-", "throttled", "limited", source=source)

    def session(self, token: str) -> Session | None:
        """The live session. None if it is unknown or expired, or if its account was withdrawn or changed.

        Raises:
            AccountsUnreadable.
        """
        if not token:
            return None
        if isinstance(self._accounts, StoredAccounts):
            found = self.state.session_and_stamp(token)
        else:
            alone = self.state.session(token)
            found = (alone, self._accounts.stamp(alone.username)) if alone else None
        if found is None:
            return None
        session, stamp = found
        if stamp != session.stamp:
            self.state.close(token)
            return None
        return session

    def logout(self, token: str) -> None:
        session = self.state.session(token)
        self.state.close(token)
        if session:
            self._audit.record(session.username, "logout", "ok")

    def form_token(self, token: str) -> str:
        """The token that a form must send back with the cookie `token`."""
        return hmac.digest(self._key, token.encode(), hashlib.sha256).hex()

    def form_fits(self, token: str, sent: str) -> bool:
        return bool(token) and hmac.compare_digest(self.form_token(token).encode(), sent.encode())

    def _second_factor_fits(self, account: Account, code: str, passkey: Callable[[str], bool] | None) -> bool:
        """Each code is valid once. A clock drift of one step either way is accepted."""
        if not self._mfa:
            return True
        if passkey is not None:
            return passkey(account.username)
        if account.totp_secret is None:
            return False
        return self.code_fits(account.username, account.totp_secret, code) or self._recovers(account, code)

    def code_fits(self, username: str, totp_secret: str, code: str) -> bool:
        step, totp = int(self._clock()) // _TOTP_STEP_S, pyotp.TOTP(totp_secret)
        for each in (step - 1, step, step + 1):
            right = hmac.compare_digest(totp.at(each * _TOTP_STEP_S).encode(), code.encode())
            if right and self.state.use_code(username, each):
                return True
        return False

    def _recovers(self, account: Account, code: str) -> bool:
        if len(code) <= _TOTP_DIGITS or not self._accounts.use_recovery(account.username, code):
            return False
        self._audit.record(account.username, "account_changed", "ok", detail="recovery_code_used")
        return True


def _source(address: str) -> str | None:
    """A network address as the audit log takes it."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
