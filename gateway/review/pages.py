"""The pages a reviewer works in, rendered on the server."""

from collections.abc import Callable
from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.contract.model import Contract
from gateway.review.auth import Auth, LoginRefused, Session, TooManyTries
from gateway.review.case_pages import add_cases
from gateway.review.case_service import CaseService
from gateway.review.clip_pages import add_clip
from gateway.review.desk_pages import add_desk
from gateway.review.forms.models import ContactIn
from gateway.review.oversight_pages import AuditReader, add_oversight
from gateway.review.render import page
from gateway.review.roles import HOME
from gateway.review.service import LookupUnavailable, NotThere, ReviewService
from gateway.review.signing import COOKIE, DEVICE_COOKIE, LOGIN_COOKIE, Signing, forget, remember
from gateway.vault.client import TriesUsedUp

Text = Annotated[str, Form(max_length=256)]


def pages_router(
    desk: ReviewService, cases: CaseService, auth: Auth, signing: Signing, contract: Contract, log: AuditReader
) -> APIRouter:
    """Every page. Forms carry a token bound to the session's cookie; without it they are refused."""
    router = APIRouter(include_in_schema=False)
    signed_in, signed_form = Depends(signing.page_session), Depends(signing.form_session)

    def show(request: Request, session: Session, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        token = auth.form_token(request.cookies.get(COOKIE, ""))
        return page(name, status, session=session, contract=contract, form_token=token, **values)

    _add_login(router, desk, auth, signing, contract)
    add_desk(router, desk, show, signed_in, signed_form)
    add_clip(router, desk, show, signed_in, signed_form)
    add_oversight(router, desk, log, show, signed_in)
    if contract.review.contact_check is not None:
        _add_contact_check(router, desk, signed_form)
    if contract.review.customer_lookup:
        _add_lookup(router, desk, show, signed_in, signed_form)
    if contract.review.break_glass is not None:
        add_cases(router, cases, show, signed_in, signed_form)
    return router


def _add_login(router: APIRouter, desk: ReviewService, auth: Auth, signing: Signing, contract: Contract) -> None:
    def form(status: int = 200, fault: str = "", headers: dict[str, str] | None = None) -> Response:
        # A login form needs its token before there is a session: it is bound to a cookie of its own.
        token = signing.login_token()
        answer = page(
            "login.html", status, headers, mfa=contract.review.mfa, fault=fault, form_token=auth.form_token(token)
        )
        return remember(answer, LOGIN_COOKIE, token)

    @router.get("/")
    def start(request: Request) -> Response:
        session = auth.session(request.cookies.get(COOKIE, ""))
        return RedirectResponse(HOME[session.role] if session else "/login", 303)

    @router.get("/login")
    def login_form() -> Response:
        return form()

    @router.post("/login")
    def login(request: Request, username: Text, password: Text, csrf: Text = "", code: Text = "") -> Response:
        if not auth.form_fits(request.cookies.get(LOGIN_COOKIE, ""), csrf):
            return form(403, "The form was open for too long. Try again.")
        try:
            device = request.cookies.get(DEVICE_COOKIE, "")
            token = auth.login(username, password, code, signing.address(request), device)
        except LoginRefused:
            return form(401, "Name, password or code is wrong.")
        except TooManyTries as refusal:
            return form(429, "Too many tries. Wait and try again.", {"retry-after": str(refusal.retry_after_s)})
        session = auth.session(token)
        answer = RedirectResponse(HOME[session.role] if session else "/login", 303)
        forget(answer, LOGIN_COOKIE)
        remember(answer, DEVICE_COOKIE, auth.device_token(username))
        return remember(answer, COOKIE, token)

    @router.post("/logout")
    def logout(request: Request, session: Session = Depends(signing.form_session)) -> Response:
        desk.leave(session)
        auth.logout(request.cookies.get(COOKIE, ""))
        return forget(RedirectResponse("/login", 303), COOKIE)


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
