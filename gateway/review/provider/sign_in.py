"""One sign-in by the provider, from the click to the session: state, nonce and PKCE, each used once.

What a sign-in needs to end is sealed in a cookie of the browser that began it, so that any worker can end it. A state
counts once: the database remembers it for as long as it could be used.
"""

import hashlib
import hmac
import secrets
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa

from gateway.review.people.auth import TRIES_PER_ADDRESS, Auth
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.client import ProviderClient
from gateway.review.provider.settings import ProviderSettings
from gateway.review.provider.tokens import Refused, person_of
from gateway.storage.clip_keys import opened, sealed
from gateway.storage.people_tables import answered_challenges

LASTS_S = 600
_PURPOSE = "provider"


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What only the browser that began a sign-in holds. `until` in seconds."""

    state: str
    nonce: str
    verifier: str
    until: float


class ProviderSignIn:
    """`key` seals cookies and hides people's names at the provider; `clock` gives wall time in seconds."""

    def __init__(
        self,
        settings: ProviderSettings,
        client: ProviderClient,
        auth: Auth,
        accounts: StoredAccounts,
        engine: sa.Engine,
        key: bytes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._client, self._auth, self._accounts = settings, client, auth, accounts
        self._engine, self._clock = engine, clock
        self._seal = hmac.digest(key, b"earlid begun", hashlib.sha256)
        self._hide = hmac.digest(key, b"earlid subject", hashlib.sha256)

    def begin(self) -> tuple[str, str]:
        """The address to send the browser to, and its cookie. Raises Refused: the provider does not answer."""
        begun = Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            until=self._clock() + LASTS_S,
        )
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _without_padding(hashlib.sha256(begun.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        endpoint = self._told(self._client.authorization_endpoint)
        cookie = sealed(self._seal, msgspec.json.encode(begun), _PURPOSE)
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", urlsafe_b64encode(cookie).decode()

    def finish(self, cookie: str, brought: Mapping[str, str], address: str) -> str:
        """The token of a new session, for what the browser brought back from the provider.

        Raises:
            Refused: for whatever reason; it is in the log as a refused sign-in from `address`.
            TooManyTries: from this address.
        """
        limits = ((f"address {address}", TRIES_PER_ADDRESS),)
        self._auth.state.check(limits)
        try:
            return self._told(lambda: self._finished(cookie, brought, address))
        except Refused:
            self._auth.state.count(limits)
            self._auth.refused(address)
            raise

    def _finished(self, cookie: str, brought: Mapping[str, str], address: str) -> str:
        begun = self._begun(cookie, brought.get("state", ""))
        if brought.get("iss", self._settings.issuer) != self._settings.issuer:  # RFC 9207
            raise Refused("the answer is of another issuer")
        if "error" in brought or not brought.get("code"):
            raise Refused("the provider refused")
        token = self._client.id_token(brought["code"], begun.verifier)
        person = person_of(token, self._client.keys(), self._settings, begun.nonce, self._clock)
        name = self._name_of(person.subject)
        if not self._accounts.of_provider(name, person.role):
            raise Refused("the account is disabled")
        session = self._auth.let_in(name, address)
        if session is None:
            raise Refused("the account is disabled")
        return session

    def _begun(self, cookie: str, state: str) -> Begun:
        """What this browser began, once. Raises Refused."""
        try:
            text = opened(self._seal, urlsafe_b64decode(cookie.encode()), _PURPOSE)
            begun = msgspec.json.decode(text or b"", type=Begun)
        except (msgspec.MsgspecError, ValueError):
            raise Refused("no sign-in was begun here") from None
        now = self._clock()
        if not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise Refused("the state is of another sign-in")
        if now >= begun.until:
            raise Refused("the sign-in took too long")
        try:
            with self._engine.begin() as db:
                db.execute(answered_challenges.delete().where(answered_challenges.c.until <= now))
                hashed = hashlib.sha256(begun.state.encode()).hexdigest()
                db.execute(answered_challenges.insert().values(hashed=hashed, until=begun.until))
        except sa.exc.IntegrityError:
            raise Refused("the state was used before") from None
        return begun

    def _name_of(self, subject: str) -> str:
        """The account's name: the same at each sign-in, and nobody can tell whose it is."""
        said = f"{self._settings.issuer}\0{subject}".encode()
        return f"sso-{hmac.digest(self._hide, said, hashlib.sha256).hex()[:20]}"

    def _told(self, step: Callable[[], str]) -> str:
        """The operator reads which rule refused; it names nobody."""
        try:
            return step()
        except Refused as refused:
            sys.stderr.write(f"review: sign-in by the provider: {refused}\n")
            raise


def _without_padding(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
