"""The administrator's page: accounts and open sessions. It shows no clip, and nothing of anybody's work."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from gateway.audit.log import Audit
from gateway.contract.model import Role
from gateway.review.pages.account import unconfirmed
from gateway.review.pages.render import NOTICES
from gateway.review.people.accounts import is_username
from gateway.review.people.auth import Auth
from gateway.review.people.sign_in_state import Session
from gateway.review.people.stored_accounts import AccountExists, NoSuchAccount, StoredAccounts
from gateway.review.services.roles import ROLES
from gateway.review.services.signing import Signing

Change = Literal["sign_out", "disable", "enable", "reset"]
CHANGES: tuple[Change, ...] = get_args(Change)
_INVITATION_S = 72 * 3600.0
# How the log names each change, on a line of the person changed.
_DONE: dict[Change | Literal["invite"], str] = {
    "invite": "invited_by_administrator",
    "sign_out": "signed_out_by_administrator",
    "disable": "disabled_by_administrator",
    "enable": "enabled_by_administrator",
    "reset": "reset_by_administrator",
}

Name = Annotated[str, Form(max_length=64)]
Password = Annotated[str, Form(max_length=256)]


def add_administration(
    router: APIRouter,
    auth: Auth,
    signing: Signing,
    accounts: StoredAccounts | None,
    audit: Audit,
    show: Callable[..., HTMLResponse],
    signed_in: Any,
    signed_form: Any,
) -> None:
    """The list for any accounts. Changes for accounts in the database, each with the administrator's own password."""
    page = _PeoplePage(auth, signing, accounts, audit, show)

    @router.get("/people")
    def people(request: Request, session: Session = signed_in) -> Response:
        return page.answer(request, session)

    @router.post("/people/invite")
    def invite(
        request: Request,
        session: Session = signed_form,
        username: Name = "",
        role: Annotated[Role, Form()] = "reviewer",
        now: Password = "",
    ) -> Response:
        return page.invite(request, session, username, role, now)

    @router.post("/people/change")
    def change(
        request: Request,
        what: Annotated[Change, Form()],
        session: Session = signed_form,
        username: Name = "",
        now: Password = "",
    ) -> Response:
        return page.change(request, session, username, what, now)


class _PeoplePage:
    """What the page's forms do, and the page as it is then."""

    def __init__(
        self,
        auth: Auth,
        signing: Signing,
        accounts: StoredAccounts | None,
        audit: Audit,
        show: Callable[..., HTMLResponse],
    ) -> None:
        self._auth, self._signing, self._accounts, self._audit, self._show = auth, signing, accounts, audit, show

    def answer(
        self,
        request: Request,
        session: Session,
        status: int = 200,
        *,
        notice: str = "",
        fault: str = "",
        link: str = "",
    ) -> Response:
        """The page: accounts, open sessions, and what was done or refused."""
        values = {
            "people": self._accounts.standings() if self._accounts else [],
            "sessions": self._auth.state.open_sessions(),
            "kept": self._accounts is not None,
            "roles": ROLES,
            "changes": CHANGES,
            "link": link,
        }
        return self._show(
            request, session, "people.html", status, notice=NOTICES.get(notice, ""), fault=fault, **values
        )

    def invite(self, request: Request, session: Session, username: str, role: Role, password: str) -> Response:
        accounts = self._stored()
        if not is_username(username):
            fault = "A name has lower case letters, digits, . _ - and no spaces."
            return self.answer(request, session, 422, fault=fault)
        if fault := self._refused(request, session, password, username):
            return self.answer(request, session, 422, fault=fault)
        if any(each.username == username for each in accounts.standings()):
            return self.answer(request, session, 409, fault="Somebody has that name.")
        self._log(session, username, "invite")
        try:
            word = accounts.add(username, role, _INVITATION_S)
        except AccountExists:  # another administrator was quicker
            return self.answer(request, session, 409, fault="Somebody has that name.")
        return self.answer(request, session, notice="invited", link=self._link(request, word))

    def change(self, request: Request, session: Session, username: str, what: Change, password: str) -> Response:
        accounts = self._stored()
        if fault := self._refused(request, session, password, username):
            return self.answer(request, session, 422, fault=fault)
        if all(each.username != username for each in accounts.standings()):
            return self.answer(request, session, 404, fault="There is no such account.")
        self._log(session, username, what)
        try:
            word = _carry_out(self._auth, accounts, username, what)
        except NoSuchAccount:
            return self.answer(request, session, 404, fault="There is no such account.")
        return self.answer(request, session, notice=what, link=self._link(request, word) if word else "")

    def _stored(self) -> StoredAccounts:
        if self._accounts is None:
            raise HTTPException(404)
        return self._accounts

    def _refused(self, request: Request, session: Session, password: str, username: str) -> str:
        """Why this administrator may not change this account now, in a sentence; else empty."""
        if username == session.username:
            return "Nobody changes their own account here: see “Your account”."
        return unconfirmed(self._auth, self._signing, request, session, password)

    def _link(self, request: Request, word: str) -> str:
        scheme = "https" if self._signing.cookies.secure else "http"
        return f"{scheme}://{request.url.netloc}/join#{word}"

    def _log(self, session: Session, username: str, what: Change | Literal["invite"]) -> None:
        """Before it is done: what cannot be logged does not happen."""
        self._audit.record(session.username, "account_changed", "ok", detail=f"administrator_{what}")
        self._audit.record(username, "account_changed", "ok", detail=_DONE[what])


def _carry_out(auth: Auth, accounts: StoredAccounts, username: str, what: Change) -> str:
    """The word of a new invitation, or nothing. Raises NoSuchAccount."""
    match what:
        case "sign_out":
            auth.state.close_all(username)
        case "disable":
            accounts.disable(username)
        case "enable":
            accounts.disable(username, disabled=False)
        case "reset":
            return accounts.reset(username, _INVITATION_S)
    return ""
