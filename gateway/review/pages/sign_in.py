"""The pages of signing in and out: with a password, and by the organisation's provider."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from gateway.contract.model import Contract
from gateway.review.pages.account import PasskeyAnswer
from gateway.review.pages.render import page
from gateway.review.people.auth import Auth, LoginRefused
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.sign_in_state import Session, TooManyTries
from gateway.review.provider.sign_in import LASTS_S, ProviderSignIn
from gateway.review.provider.tokens import Refused
from gateway.review.services.roles import HOME
from gateway.review.services.service import ReviewService
from gateway.review.services.signing import Signing

Text = Annotated[str, Form(max_length=256)]


def add_sign_in(
    router: APIRouter,
    desk: ReviewService,
    auth: Auth,
    signing: Signing,
    contract: Contract,
    passkeys: Passkeys | None,
    *,
    by_provider: bool,
) -> Callable[..., Response]:
    """The routes of signing in and out. Returns what answers with the form."""
    cookies = signing.cookies

    def form(request: Request, status: int = 200, fault: str = "", headers: dict[str, str] | None = None) -> Response:
        # A login form needs its token before there is a session: it is bound to a cookie of its own.
        token = signing.login_token()
        site = signing.site(request)
        asked = passkeys.options_to_sign_in(site, token) if passkeys and site else ""
        values = {"mfa": contract.review.mfa, "fault": fault, "passkey": asked, "by_provider": by_provider}
        answer = page("login.html", status, headers, form_token=auth.form_token(token), **values)
        return cookies.remember(answer, cookies.login, token)

    @router.get("/")
    def start(request: Request) -> Response:
        session = auth.session(signing.token(request))
        return RedirectResponse(HOME[session.role] if session else "/login", 303)

    @router.get("/login")
    def login_form(request: Request) -> Response:
        return form(request)

    @router.post("/login")
    def login(
        request: Request, username: Text, password: Text, csrf: Text = "", code: Text = "", passkey: PasskeyAnswer = ""
    ) -> Response:
        mine, site = request.cookies.get(cookies.login, ""), signing.site(request)
        if not auth.form_fits(mine, csrf):
            return form(request, 403, "The form was open for too long. Try again.")
        try:
            device = request.cookies.get(cookies.device, "")
            answered = (
                passkeys and site and passkey and partial(passkeys.fits, answer=passkey, site=site, bound_to=mine)
            )
            token = auth.login(username, password, code, signing.address(request), device, answered or None)
        except LoginRefused:
            return form(request, 401, "Name, password or code is wrong.")
        except TooManyTries as refusal:
            return form(
                request, 429, "Too many tries. Wait and try again.", {"retry-after": str(refusal.retry_after_s)}
            )
        session = auth.session(token)
        answer = RedirectResponse(HOME[session.role] if session else "/login", 303)
        cookies.forget(answer, cookies.login)
        cookies.remember(answer, cookies.device, auth.device_token(username))
        return cookies.remember(answer, cookies.session, token)

    @router.post("/logout")
    def logout(request: Request, session: Session = Depends(signing.form_session)) -> Response:
        desk.leave(session)
        auth.logout(signing.token(request))
        return cookies.forget(RedirectResponse("/login", 303), cookies.session)

    return form


def add_provider(router: APIRouter, provider: ProviderSignIn, signing: Signing, form: Callable[..., Response]) -> None:
    """The way to the organisation's own sign-in and back. `form` answers with the sign-in page and a fault."""
    cookies = signing.cookies

    @router.get("/sign-in")
    def begin(request: Request) -> Response:
        try:
            address, sealed = provider.begin()
        except Refused:
            return form(request, 503, "Your organisation's sign-in does not answer. Try again later.")
        return cookies.begin(RedirectResponse(address, 303), sealed, LASTS_S)

    @router.get("/sign-in/back")
    def back(request: Request) -> Response:
        """Strict cookies are not sent on the way back from another site, so a page of ours leads on."""
        try:
            token = provider.finish(
                request.cookies.get(cookies.begun, ""), dict(request.query_params), signing.address(request)
            )
        except Refused:
            return cookies.forget(form(request, 401, "You were not let in. Begin again."), cookies.begun)
        except TooManyTries as refusal:
            return form(
                request, 429, "Too many tries. Wait and try again.", {"retry-after": str(refusal.retry_after_s)}
            )
        answer = page("signed_in.html", session=None, here="")
        return cookies.remember(cookies.forget(answer, cookies.begun), cookies.session, token)
