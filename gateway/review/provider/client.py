"""Talks to the provider: its description, its keys, and the exchange of a code for an ID token. HTTP is httpx's."""

import threading
import time
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.review.provider.settings import ProviderSettings
from gateway.review.provider.tokens import Refused

_TIMEOUT_S = 10.0
_MOST_BYTES = 1 << 20
_KEEP_S = 300.0  # a key that the provider withdraws counts no longer than this


class ProviderClient:
    """Safe to use from several threads. Follows no redirect, and takes no answer over a megabyte."""

    def __init__(self, settings: ProviderSettings, secret: str) -> None:
        self._settings, self._secret = settings, secret
        self._http = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)
        self._lock = threading.Lock()
        self._known: tuple[dict[str, Any], KeySet] | None = None
        self._until = 0.0

    def authorization_endpoint(self) -> str:
        """Raises Refused: the provider does not answer, or is another one."""
        return str(self._description()[0]["authorization_endpoint"])

    def keys(self) -> KeySet:
        """The keys that sign its tokens. Raises Refused."""
        return self._description()[1]

    def id_token(self, code: str, verifier: str) -> str:
        """Exchange a code. Raises Refused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": verifier,
        }
        endpoint = str(self._description()[0]["token_endpoint"])
        told = self._json("POST", endpoint, data=form, auth=(self._settings.client_id, self._secret))
        token = told.get("id_token")
        if not isinstance(token, str):
            raise Refused("no ID token")
        return token

    def _description(self) -> tuple[dict[str, Any], KeySet]:
        with self._lock:
            if self._known is None or time.monotonic() > self._until:
                self._known, self._until = self._fetched(), time.monotonic() + _KEEP_S
            return self._known

    def _fetched(self) -> tuple[dict[str, Any], KeySet]:
        issuer = self._settings.issuer
        said = self._json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise Refused("the provider's description names another issuer")
        scheme = issuer.partition(":")[0]
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(said.get(name, "")).startswith((f"{scheme}://", "https://")):
                raise Refused(f"the provider's description: {name}")
        try:
            return said, KeySet.import_key_set(self._json("GET", str(said["jwks_uri"])))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise Refused("the provider's keys") from None

    def _json(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            with self._http.stream(method, url, **more) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        raise Refused("the provider's answer is too long")
                if answer.status_code != 200:
                    raise Refused(f"the provider answers {answer.status_code}")
                told = httpx.Response(200, content=body).json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Refused(f"the provider cannot be asked ({type(error).__name__})") from None
        if not isinstance(told, dict):
            raise Refused("the provider's answer is no object")
        return told
