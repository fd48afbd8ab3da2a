"""Whether an ID token is the provider's answer to this very sign-in, and which role it gives. Pure but for the clock.

OpenID Connect Core 1.0, section 3.1.3.7. The signature and the times are joserfc's.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.contract.model import Role
from gateway.review.provider.settings import ProviderSettings

# Signatures by a key pair alone: with a shared secret whoever holds it could sign, and "none" is no signature.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_LEEWAY_S = 60
_OLDEST_S = 600  # a token is fetched at once: an older one was not made for this sign-in


class Refused(Exception):
    """The provider's answer lets nobody in. Why is for the operator alone; it names a rule, never a value."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in, by the provider's own name for them, which is an identity: it is never stored or logged."""

    subject: str
    role: Role


def person_of(
    token: str, keys: KeySet, settings: ProviderSettings, nonce: str, clock: Callable[[], float] = time.time
) -> Person:
    """Raises Refused."""
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = read.claims
        jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"the ID token ({type(error).__name__})") from None
    _check_parties(claims, settings.client_id)
    if claims["iat"] < clock() - _OLDEST_S - _LEEWAY_S:
        raise Refused("the ID token is old")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise Refused("the ID token names nobody")
    _check_second_factor(claims, settings)
    return Person(subject=subject, role=_role(claims, settings))


def _check_parties(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences must say that it was issued to this one."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise Refused("the ID token was issued to another party")


def _check_second_factor(claims: Mapping[str, Any], settings: ProviderSettings) -> None:
    wanted = settings.second_factor
    if wanted is not None and not set(_values(claims.get(wanted.claim))) & set(wanted.values):
        raise Refused("no second factor")


def _role(claims: Mapping[str, Any], settings: ProviderSettings) -> Role:
    """One person has one role. Two different ones are a fault of the provider's groups, and nobody guesses."""
    roles = {settings.roles[value] for value in _values(claims.get(settings.role_claim)) if value in settings.roles}
    if len(roles) != 1:
        raise Refused("several roles" if roles else "no role")
    return roles.pop()


def _values(claim: Any) -> list[str]:
    return [each for each in (claim if isinstance(claim, list) else [claim]) if isinstance(each, str)]
