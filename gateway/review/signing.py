"""Between a request and its session: cookies, form tokens, and what a JSON call must bring along."""

import ipaddress
import secrets
from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, HTTPException, Request
from fastapi.responses import Response

from gateway.audit.log import Audit
from gateway.review.auth import LIFE_S, Auth, Session
from gateway.review.roles import may
from gateway.review.security import LoginWanted
from gateway.review.service import NotThere

COOKIE = "earlid_session"
LOGIN_COOKIE = "earlid_login"
DEVICE_COOKIE = "earlid_device"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_DEVICE_S = 90 * 24 * 3600


class Signing:
    """FastAPI dependencies over one Auth. Each raises LoginWanted when nobody is signed in."""

    def __init__(self, auth: Auth, audit: Audit, proxies: Sequence[Network] = ()) -> None:
        self._auth, self._audit, self._proxies = auth, audit, proxies

    async def page_session(self, request: Request) -> Session:
        """Raises NotThere as well: the matrix does not give this route to this role, and the log says so."""
        session = self._auth.session(request.cookies.get(COOKIE, ""))
        if session is None:
            raise LoginWanted
        if not may(session.role, request.method, getattr(request.scope.get("route"), "path", "")):
            self._audit.record(session.username, "denied", "refused")
            raise NotThere
        return session

    async def form_session(self, request: Request, csrf: Annotated[str, Form(max_length=256)] = "") -> Session:
        """For forms: the token in the form must belong to the cookie's session."""
        session = await self.page_session(request)
        if not self._auth.form_fits(request.cookies.get(COOKIE, ""), csrf):
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
        """Who asks. `X-Forwarded-For` is believed from configured proxies alone, from its end to the first stranger."""
        asking = request.client.host if request.client else "-"
        for said in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            if not self._is_proxy(asking):
                break
            asking = said.strip() or asking
        return asking

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False


async def from_own_client(request: Request) -> None:
    """A page of another origin can send neither JSON nor an own header without asking first (Fetch, CORS)."""
    is_json = request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    if not is_json and "x-earlid" not in request.headers:
        raise HTTPException(403)


def remember(answer: Response, name: str, token: str) -> Response:
    """Set a cookie no script can read and no other site can send."""
    path = "/login" if name == LOGIN_COOKIE else "/"
    age = _DEVICE_S if name == DEVICE_COOKIE else LIFE_S
    answer.set_cookie(name, token, max_age=age, path=path, httponly=True, samesite="strict")
    return answer


def forget(answer: Response, name: str) -> Response:
    path = "/login" if name == LOGIN_COOKIE else "/"
    answer.delete_cookie(name, path=path, httponly=True, samesite="strict")
    return answer
