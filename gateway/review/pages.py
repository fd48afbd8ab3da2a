"""The pages a reviewer works in, rendered on the server."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.audit.log import ReadableAudit
from gateway.contract.model import Contract
from gateway.review.account_pages import PasskeyAnswer, add_account, add_joining
from gateway.review.administration_pages import add_administration
from gateway.review.case_pages import add_cases
from gateway.review.case_service import CaseService
from gateway.review.checking.verification import Verification
from gateway.review.clip_pages import add_clip
from gateway.review.desk_pages import add_desk
from gateway.review.forms.labels import Labels
from gateway.review.forms.models import ContactIn
from gateway.review.oversight_pages import add_oversight
from gateway.review.people.auth import Auth, LoginRefused
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.sign_in_state import Session, TooManyTries
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.sign_in import LASTS_S, ProviderSignIn
from gateway.review.provider.tokens import Refused
from gateway.review.render import page
from gateway.review.roles import HOME
from gateway.review.service import LookupUnavailable, NotThere, ReviewService
from gateway.review.signing import Signing
from gateway.review.verification_pages import add_verification
from gateway.vault.messages import TriesUsedUp

Text = Annotated[str, Form(max_length=256)]


def pages_router(
    desk: ReviewService,
    cases: CaseService,
    auth: Auth,
    signing: Signing,
    contract: Contract,
    log: ReadableAudit,
    accounts: StoredAccounts | None,
    verification: Verification,
    passkeys: Passkeys,
    labels: Labels,
    provider: ProviderSignIn | None = None,
) -> APIRouter:
    """All pages. Forms carry a token bound to the session's cookie. Without it they are refused."""
    router = APIRouter(include_in_schema=False)
    signed_in, signed_form = Depends(signing.page_session), Depends(signing.form_session)

    def show(request: Request, session: Session, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        token = auth.form_token(signing.token(request))
        return page(name, status, session=session, contract=contract, form_token=token, **values)

    kept = passkeys if accounts is not None and contract.review.mfa else None
    form = _add_login(router, desk, auth, signing, contract, kept, by_provider=provider is not None)
    if provider is not None:
        _add_provider(router, provider, signing, form)
    if accounts is not None:
        add_joining(router, auth, signing, accounts, log)
    add_account(router, auth, signing, accounts, log, show, signed_in, signed_form, kept)
    add_administration(router, auth, signing, accounts, log, show, signed_in, signed_form)
    add_desk(router, desk, show, signed_in, signed_form)
    add_clip(router, desk, show, signed_in, signed_form, labels)
    add_verification(router, desk, verification, show, signed_in, signed_form, labels)
    add_oversight(router, desk, log, show, signed_in)
    if contract.review.contact_check is not None:
        _add_contact_check(router, desk, signed_form)
    if contract.review.customer_lookup:
        _add_lookup(router, desk, show, signed_in, signed_form)
    if contract.review.break_glass is not None:
        add_cases(router, cases, show, signed_in, signed_form)
    return router


def _add_login(
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


def _add_provider(router: APIRouter, provider: ProviderSignIn, signing: Signing, form: Callable[..., Response]) -> None:
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


def _add_contact_check(router: APIRouter, desk: ReviewService, signed_form: Any) -> None:
    @router.post("/clips/{ref}/contact")
    def contact(
        ref: str, session: Session = signed_form, heard: Annotated[str, Form(min_length=1, max_length=80)] = ""
    ) -> Response:
        try:
            match = desk.check_contact(session, ref, ContactIn(heard=heard))
            notice = {True: "contact", False: "no_contact", None: "contact_unknown"}[match]
        except pydantic.ValidationError:
            raise HTTPException(422) from None
        except TriesUsedUp:
            notice = "contact_limited"
        except LookupUnavailable:
            notice = "contact_unknown"
        return RedirectResponse(f"/clips/{ref}?notice={notice}", 303)


def _add_lookup(
    router: APIRouter, desk: ReviewService, show: Callable[..., HTMLResponse], signed_in: Any, signed_form: Any
) -> None:
    @router.get("/customers")
    def form(request: Request, session: Session = signed_in) -> Response:
        return show(request, session, "customers.html", facts=None, fault="")

    # Asked by POST, so that no customer id stands in a URL, a history or a proxy's log.
    @router.post("/customers")
    def look_up(request: Request, customer_id: Text, session: Session = signed_form) -> Response:
        try:
            facts = desk.look_up(session, customer_id.strip())
        except NotThere:
            return show(request, session, "customers.html", 404, facts=None, fault="No such customer.")
        except LookupUnavailable:
            fault = "Customers cannot be looked up at the moment."
            return show(request, session, "customers.html", 503, facts=None, fault=fault)
        return show(request, session, "customers.html", facts=facts, fault="")
