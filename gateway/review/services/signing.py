"""Finds the session of a request: cookies, form tokens, and the header that a JSON call must send."""

import ipaddress
import secrets
from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, HTTPException, Request
from fastapi.responses import Response

from gateway.audit.log import Audit
from gateway.review.people.auth import Auth
from gateway.review.people.passkeys import Site
from gateway.review.people.sign_in_state import LIFE_S, Session
from gateway.review.services.faults import LoginWanted, NotThere
from gateway.review.services.roles import may

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_DEVICE_S = 90 * 24 * 3600


class Cookies:
    """The tool's cookies. No script can read them, and no other site can send them.

    With `secure` (people come over TLS) they are never sent without it, and by their names a browser takes them
    neither from a neighbouring host nor over an unencrypted connection (RFC 6265bis, `__Host-`).
    """

    def __init__(self, *, secure: bool = False) -> None:
        self.secure = secure
        prefix = "__Host-" if secure else ""
        self.session, self.login, self.device, self.begun = (
            f"{prefix}earlid_{each}" for each in ("session", "login", "device", "begun")
        )

    def remember(self, answer: Response, name: str, token: str) -> Response:
        age = _DEVICE_S if name == self.device else LIFE_S
        answer.set_cookie(name, token, max_age=age, path="/", httponly=True, samesite="strict", secure=self.secure)
        return answer

    def begin(self, answer: Response, sealed: str, lasts_s: int) -> Response:
        """Of a sign-in at a provider: it must come along when the provider sends the browser back."""
        answer.set_cookie(
            self.begun, sealed, max_age=lasts_s, path="/", httponly=True, samesite="lax", secure=self.secure
        )
        return answer

    def forget(self, answer: Response, name: str) -> Response:
        answer.delete_cookie(name, path="/", httponly=True, samesite="strict", secure=self.secure)
        return answer


class Signing:
    """FastAPI dependencies over one Auth. Each raises LoginWanted when nobody is signed in."""

    def __init__(self, auth: Auth, audit: Audit, proxies: Sequence[Network] = (), *, secure: bool = False) -> None:
        self._auth, self._audit, self._proxies = auth, audit, proxies
        self.cookies = Cookies(secure=secure)

    def token(self, request: Request) -> str:
        """The session's token from the browser's cookie, or empty."""
        return request.cookies.get(self.cookies.session, "")

    async def page_session(self, request: Request) -> Session:
        """Raises NotThere as well: the matrix does not give this route to this role, and the log says so."""
        session = self._auth.session(self.token(request))
        if session is None:
            raise LoginWanted
        if not may(session.role, request.method, getattr(request.scope.get("route"), "path", "")):
            self._audit.record(session.username, "denied", "refused")
            raise NotThere
        return session

    async def form_session(self, request: Request, csrf: Annotated[str, Form(max_length=256)] = "") -> Session:
        """For forms: the token in the form must belong to the cookie's session."""
        session = await self.page_session(request)
        if not self._auth.form_fits(self.token(request), csrf):
            raise HTTPException(403)
        return session

    async def api_session(self, request: Request) -> Session:
        session = await self.page_session(request)
        if request.method != "GET":
            await from_own_client(request)
        return session

    def login_token(self) -> str:
        return secrets.token_urlsafe(32)

    def address(self, request: Request) -> str:
        """The client's address. From configured proxies, the last other host in `X-Forwarded-For`."""
        asking = request.client.host if request.client else "-"
        for said in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            if not self._is_proxy(asking):
                break
            asking = said.strip() or asking
        return asking

    def site(self, request: Request) -> Site | None:
        """Where the browser is, for passkeys. None at an address of digits, where browsers have none."""
        host = request.url.hostname or ""
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            scheme = "https" if self.cookies.secure else "http"
            return Site(name=host, origin=f"{scheme}://{request.url.netloc}")
        return None

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False


async def from_own_client(request: Request) -> None:
    """Require JSON or a header of our own. A page of another origin cannot send either without asking first (CORS)."""
    is_json = request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    if not is_json and "x-earlid" not in request.headers:
        raise HTTPException(403)
