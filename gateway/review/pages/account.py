"""Pages of a person's own account: invitation, second factors, sessions, password, recovery codes."""

import io
from collections.abc import Callable
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from gateway.audit.log import Audit
from gateway.review.pages.render import NOTICES, page
from gateway.review.people.auth import Auth, LoginRefused
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.passwords import fault_of
from gateway.review.people.sign_in_state import Session, TooManyTries
from gateway.review.people.stored_accounts import Invited, StoredAccounts
from gateway.review.services.signing import Signing

_TRIES_TO_JOIN = 20
_WORD_LEFT = "That invitation is not known, was used, or is too old. Ask for another."

Text = Annotated[str, Form(max_length=300)]
PasskeyAnswer = Annotated[str, Form(max_length=16_384)]


def add_joining(router: APIRouter, auth: Auth, signing: Signing, accounts: StoredAccounts, audit: Audit) -> None:
    """Routes from an invitation to an account. The invitation's word is never in an address that a server sees."""
    cookies = signing.cookies

    def form(name: str, status: int = 200, fault: str = "", **values: Any) -> Response:
        token = signing.login_token()
        answer = page(name, status, fault=fault, form_token=auth.form_token(token), **values)
        return cookies.remember(answer, cookies.login, token)

    def enrolment(word: str, asked: Invited, status: int = 200, fault: str = "") -> Response:
        shown = {"word": word, "username": asked.username, "secret": asked.totp_secret, "qr": _qr(asked)}
        return form("enrol.html", status, fault, **shown)

    def invited(request: Request, word: str, csrf: str) -> Invited | None:
        if not auth.form_fits(request.cookies.get(cookies.login, ""), csrf):
            raise HTTPException(403)
        limits = ((f"join {signing.address(request)}", _TRIES_TO_JOIN),)
        auth.state.check(limits)
        found = accounts.invited(word)
        if found is None:
            auth.state.count(limits)
        return found

    @router.get("/join")
    def ask() -> Response:
        return form("join.html")

    @router.post("/join")
    def show(request: Request, word: Text = "", csrf: Text = "") -> Response:
        asked = invited(request, word.strip(), csrf)
        return form("join.html", 404, _WORD_LEFT) if asked is None else enrolment(word.strip(), asked)

    @router.post("/join/finish")
    def finish(
        request: Request, word: Text = "", password: Text = "", again: Text = "", code: Text = "", csrf: Text = ""
    ) -> Response:
        asked = invited(request, word, csrf)
        if asked is None:
            return form("join.html", 404, _WORD_LEFT)
        fault = fault_of(password, asked.username) or ("The two passwords differ." if password != again else None)
        if fault:
            return enrolment(word, asked, 422, fault)
        if not auth.code_fits(asked.username, asked.totp_secret, code.strip()):
            return enrolment(word, asked, 422, "That is not the code your app shows now. Check the time of your phone.")
        codes = accounts.join(word, password)
        if codes is None:
            return form("join.html", 404, _WORD_LEFT)
        audit.record(asked.username, "account_changed", "ok", detail="joined")
        return page("recovery_codes.html", codes=codes, session=None, here="")


class _AccountPage:
    """The page of a person's own account, and the question for its password before a change."""

    def __init__(
        self,
        auth: Auth,
        signing: Signing,
        accounts: StoredAccounts | None,
        show: Callable[..., HTMLResponse],
        passkeys: Passkeys | None,
    ) -> None:
        self._auth, self._signing, self._accounts = auth, signing, accounts
        self._show, self._passkeys = show, passkeys

    def answer(
        self, request: Request, session: Session, status: int = 200, notice: str = "", fault: str = ""
    ) -> Response:
        left = self._accounts.recovery_codes_left(session.username) if self._accounts else 0
        open_now = self._auth.state.sessions_of(session.username)
        kept = self._accounts is not None
        values = {"sessions": open_now, "opened_at": session.opened_at, "left": left, "kept": kept}
        values |= self._of_passkeys(request, session)
        said = NOTICES.get(notice, "")
        return self._show(request, session, "account.html", status, notice=said, fault=fault, **values)

    def _of_passkeys(self, request: Request, session: Session) -> dict[str, Any]:
        if self._passkeys is None:
            return {"passkeys": [], "options": "", "can_add": False}
        site, name = self._signing.site(request), session.username
        asked = self._passkeys.options_to_add(name, site, self._signing.token(request)) if site else ""
        return {"passkeys": self._passkeys.of(name), "options": asked, "can_add": site is not None}

    def refused(self, request: Request, session: Session, password: str, fault: str = "") -> Response | None:
        """The page with `fault`, or with what is wrong about the password. None if nothing is wrong."""
        fault = fault or unconfirmed(self._auth, self._signing, request, session, password)
        return self.answer(request, session, 422, fault=fault) if fault else None


def unconfirmed(auth: Auth, signing: Signing, request: Request, session: Session, password: str) -> str:
    """Why the password does not confirm a change, in a sentence. Empty if it does."""
    try:
        auth.confirm(session, password, signing.address(request))
    except LoginRefused:
        return "That is not your password."
    except TooManyTries:
        return "Too many tries. Wait and try again."
    return ""


def add_account(
    router: APIRouter,
    auth: Auth,
    signing: Signing,
    accounts: StoredAccounts | None,
    audit: Audit,
    show: Callable[..., HTMLResponse],
    signed_in: Any,
    signed_form: Any,
    passkeys: Passkeys | None,
) -> None:
    """Routes of sessions, for everybody. Routes of password and second factors, for accounts in the database."""
    page_of = _AccountPage(auth, signing, accounts, show, passkeys)

    @router.get("/account")
    def account(request: Request, session: Session = signed_in, notice: str = "") -> Response:
        return page_of.answer(request, session, notice=notice[:20])

    @router.post("/account/sign-out-elsewhere")
    def elsewhere(request: Request, session: Session = signed_form) -> Response:
        auth.state.close_all(session.username, but=signing.token(request))
        audit.record(session.username, "logout", "ok", detail="elsewhere")
        return RedirectResponse("/account?notice=elsewhere", 303)

    if accounts is not None:
        _add_password(router, page_of, auth, signing, accounts, audit, show, signed_form)
    if accounts is not None and passkeys is not None:
        _add_passkeys(router, page_of, signing, passkeys, audit, signed_form)


def _add_password(
    router: APIRouter,
    page_of: _AccountPage,
    auth: Auth,
    signing: Signing,
    accounts: StoredAccounts,
    audit: Audit,
    show: Callable[..., HTMLResponse],
    signed_form: Any,
) -> None:
    @router.post("/account/password")
    def password(
        request: Request, session: Session = signed_form, now: Text = "", password: Text = "", again: Text = ""
    ) -> Response:
        fault = fault_of(password, session.username) or ("The two passwords differ." if password != again else "")
        refused = page_of.refused(request, session, now, fault)
        if refused is not None:
            return refused
        accounts.change_password(session.username, password)
        auth.state.close_all(session.username)
        audit.record(session.username, "account_changed", "ok", detail="password")
        return signing.cookies.forget(RedirectResponse("/login", 303), signing.cookies.session)

    @router.post("/account/recovery-codes")
    def codes(request: Request, session: Session = signed_form, now: Text = "") -> Response:
        refused = page_of.refused(request, session, now)
        if refused is not None:
            return refused
        made = accounts.new_recovery_codes(session.username)
        audit.record(session.username, "account_changed", "ok", detail="recovery_codes")
        return show(request, session, "recovery_codes.html", codes=made)


def _add_passkeys(
    router: APIRouter, page_of: _AccountPage, signing: Signing, passkeys: Passkeys, audit: Audit, signed_form: Any
) -> None:
    @router.post("/account/passkeys")
    def add_passkey(
        request: Request, session: Session = signed_form, now: Text = "", label: Text = "", passkey: PasskeyAnswer = ""
    ) -> Response:
        refused, site = page_of.refused(request, session, now), signing.site(request)
        if refused is not None:
            return refused
        if site is None or not passkeys.add(session.username, label, passkey, site, signing.token(request)):
            return page_of.answer(request, session, 422, fault="That passkey could not be added. Try again.")
        audit.record(session.username, "account_changed", "ok", detail="passkey_added")
        return RedirectResponse("/account?notice=passkey_added", 303)

    @router.post("/account/passkeys/remove")
    def remove_passkey(request: Request, session: Session = signed_form, now: Text = "", which: Text = "") -> Response:
        refused = page_of.refused(request, session, now)
        if refused is not None:
            return refused
        if not passkeys.remove(session.username, which):
            return page_of.answer(request, session, 404, fault="There is no such passkey.")
        audit.record(session.username, "account_changed", "ok", detail="passkey_removed")
        return RedirectResponse("/account?notice=passkey_removed", 303)


def _qr(asked: Invited) -> Markup:
    """A QR code for an authenticator app, drawn on the server. It holds no style and no script."""
    drawn = io.BytesIO()
    code = segno.make(asked.uri(), error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=True, scale=5, border=3, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn.getvalue().decode())  # noqa: S704 (made here, of squares)
