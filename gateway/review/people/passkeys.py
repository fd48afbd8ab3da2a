"""Passkeys as second factor. The library webauthn checks what a browser answers; here is kept what it needs."""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
import webauthn
from webauthn.helpers import exceptions, parse_client_data_json, structs

from gateway.storage.people_tables import answered_challenges, passkeys

MOST = 10  # of one person
_LASTS_S = 300
_RANDOM, _MAC = 16, 16
_TIME = struct.Struct(">d")
_LABEL = 40


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser is: `name` is the host's name without a port, `origin` is scheme, host and port."""

    name: str
    origin: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """One passkey as its owner sees it. `added_at` is in seconds."""

    hashed: str
    label: str
    added_at: float


class Passkeys:
    """`key` signs challenges and hides names from authenticators; `clock` gives wall time in seconds.

    `bound_to` is the cookie of the form or session that asks: a challenge of one browser is no use in another.
    """

    def __init__(self, engine: sa.Engine, key: bytes, clock: Callable[[], float]) -> None:
        self._engine, self._clock = engine, clock
        self._key = hmac.digest(key, b"earlid passkeys", hashlib.sha256)

    # -- what a browser is asked

    def options_to_add(self, username: str, site: Site, bound_to: str) -> str:
        """JSON of PublicKeyCredentialCreationOptions."""
        known = [structs.PublicKeyCredentialDescriptor(id=each) for each in self._credentials(username)]
        options = webauthn.generate_registration_options(
            rp_id=site.name,
            rp_name="Earlid review",
            user_id=hmac.digest(self._key, b"user\0" + username.encode(), hashlib.sha256),
            user_name=username,
            challenge=self._challenge(bound_to),
            exclude_credentials=known,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.PREFERRED,
            ),
        )
        return webauthn.options_to_json(options)

    def options_to_sign_in(self, site: Site, bound_to: str) -> str:
        """JSON of PublicKeyCredentialRequestOptions. It names no credential, so it tells nothing about any account."""
        return webauthn.options_to_json(
            webauthn.generate_authentication_options(rp_id=site.name, challenge=self._challenge(bound_to))
        )

    # -- what it answers

    def add(self, username: str, label: str, answer: str, site: Site, bound_to: str) -> bool:
        """Keep a new passkey. False if the answer is not right, or there are too many."""
        challenge = self._answered(answer, bound_to)
        if challenge is None or len(self.of(username)) >= MOST:
            return False
        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
            )
        except exceptions.WebAuthnException:
            return False
        row = {
            "hashed": _hashed(found.credential_id),
            "username": username,
            "credential": found.credential_id,
            "public_key": found.credential_public_key,
            "sign_count": found.sign_count,
            "label": " ".join(label.split())[:_LABEL] or "Passkey",
            "added_at": self._clock(),
        }
        try:
            with self._engine.begin() as db:
                db.execute(passkeys.insert().values(**row))
        except sa.exc.IntegrityError:
            return False
        return True

    def fits(self, username: str, answer: str, site: Site, bound_to: str) -> bool:
        """Whether a passkey of this person answered, to this challenge, here, for the first time."""
        challenge = self._answered(answer, bound_to)
        if challenge is None:
            return False
        try:
            credential_id = webauthn.helpers.parse_authentication_credential_json(answer).raw_id
            mine = sa.and_(passkeys.c.hashed == _hashed(credential_id), passkeys.c.username == username)
            with self._engine.connect() as db:
                row = db.execute(sa.select(passkeys).where(mine)).first()
            if row is None:
                return False
            found = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
            )
        except exceptions.WebAuthnException:
            return False
        unchanged = sa.and_(mine, passkeys.c.sign_count == row.sign_count)  # a copy of the key is not used beside it
        with self._engine.begin() as db:
            return db.execute(passkeys.update().where(unchanged).values(sign_count=found.new_sign_count)).rowcount == 1

    # -- what there is

    def of(self, username: str) -> Sequence[Passkey]:
        """The oldest first."""
        query = sa.select(passkeys).where(passkeys.c.username == username).order_by(passkeys.c.added_at)
        with self._engine.connect() as db:
            rows = db.execute(query).all()
        return [Passkey(hashed=row.hashed, label=row.label, added_at=row.added_at) for row in rows]

    def remove(self, username: str, hashed: str) -> bool:
        """False if this person has no such passkey."""
        mine = sa.and_(passkeys.c.hashed == hashed, passkeys.c.username == username)
        with self._engine.begin() as db:
            return db.execute(passkeys.delete().where(mine)).rowcount == 1

    def _credentials(self, username: str) -> list[bytes]:
        with self._engine.connect() as db:
            query = sa.select(passkeys.c.credential).where(passkeys.c.username == username)
            return list(db.execute(query).scalars())

    # -- challenges: when, random bits, and a MAC over both and the browser's cookie

    def _challenge(self, bound_to: str) -> bytes:
        body = _TIME.pack(self._clock()) + secrets.token_bytes(_RANDOM)
        return body + self._mac(bound_to, body)

    def _answered(self, answer: str, bound_to: str) -> bytes | None:
        """The challenge of an answer, once. None if it is not ours, not this browser's, too old or answered before."""
        try:
            said = msgspec.json.decode(answer)
            data = webauthn.base64url_to_bytes(said["response"]["clientDataJSON"])
            challenge = parse_client_data_json(data).challenge
        except (msgspec.MsgspecError, exceptions.WebAuthnException, KeyError, TypeError, ValueError):
            return None
        body, mac = challenge[: _TIME.size + _RANDOM], challenge[_TIME.size + _RANDOM :]
        if not hmac.compare_digest(mac, self._mac(bound_to, body)):
            return None
        (made_at,), now = _TIME.unpack_from(body), self._clock()
        if not now - _LASTS_S < made_at <= now:
            return None
        try:
            with self._engine.begin() as db:
                db.execute(answered_challenges.delete().where(answered_challenges.c.until <= now))
                db.execute(answered_challenges.insert().values(hashed=_hashed(challenge), until=made_at + _LASTS_S))
        except sa.exc.IntegrityError:
            return None
        return challenge

    def _mac(self, bound_to: str, body: bytes) -> bytes:
        return hmac.digest(self._key, b"challenge\0" + bound_to.encode() + b"\0" + body, hashlib.sha256)[:_MAC]


def _hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
