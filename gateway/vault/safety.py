"""The vault's two narrow answers for review: the blind contact check, and break-glass cases."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from fastapi import FastAPI, Header, Request, Response
from starlette.exceptions import HTTPException

from gateway.audit.log import Action, Audit
from gateway.contract.model import BreakGlass, ContactCheck
from gateway.identities import Household
from gateway.vault.break_glass import Cases
from gateway.vault.contact_check import Asked, Tries
from gateway.vault.facts import case_facts
from gateway.vault.journal import Case, VaultJournal
from gateway.vault.messages import CaseList, CaseQuery, CaseRef, CaseRefused, ContactQuery, Matched, TriesUsedUp

T = TypeVar("T", bound=msgspec.Struct)
Sent = Annotated[str, Header()]


def asked_of(body: bytes, kind: type[T]) -> T:
    """Raises HTTPException 422, which quotes nothing."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise HTTPException(422) from None


def add_contact_check(
    app: FastAPI,
    rules: ContactCheck,
    *,
    names_of: Callable[[str], tuple[str, Sequence[str]] | None],
    allow: Callable[[str], None],
    audit: Audit,
    now: Callable[[], datetime],
    memory: VaultJournal,
) -> None:
    """`names_of` opens a clip's owner into (household, its contacts' names)."""
    tries = Tries(rules, now, memory)

    @app.post("/contacts/check")
    async def check(request: Request, authorization: Sent = "") -> Response:
        allow(authorization)
        asked = asked_of(await request.body(), ContactQuery)
        found = names_of(asked.owner)
        if found is None:
            audit.record("review", "contact_checked", "unknown", asked.clip)
            raise HTTPException(404, "unknown")
        household, names = found
        ask = Asked(reviewer=asked.reviewer, clip=asked.clip, household=household, heard=asked.heard)
        try:
            match = tries.take(ask, names)
        except TriesUsedUp:
            audit.record("review", "contact_checked", "limited", asked.clip)
            raise HTTPException(429) from None
        # The log says that it was asked, not what was answered: a log of matches would be an address book.
        audit.record("review", "contact_checked", "ok", asked.clip)
        return _json(Matched(match=match))


class _CaseDesk:
    """What the routes of a case share: who asks, and what came of it for the audit log."""

    def __init__(self, cases: Cases, officers: Mapping[str, str], audit: Audit) -> None:
        self.cases, self.audit = cases, audit
        self._officers = officers

    def officer(self, sent: str, acting_for: str, action: Action, clip: str | None = None) -> str:
        """The officer who holds this key. A key in another officer's session is refused with HTTPException 401."""
        known = [name for name, token in self._officers.items() if _same(sent, token)]
        if not known or (acting_for and acting_for != known[0]):
            self.audit.record(known[0] if known else "-", action, "refused", clip)
            raise HTTPException(401)
        return known[0]

    def decide(
        self, name: str, action: Action, sent: str, acting_for: str, step: Callable[[str, str], Case]
    ) -> Response:
        """One step of a case by one officer. HTTPException 403 where the rules refuse it."""
        officer = self.officer(sent, acting_for, action, self.cases.clip_of(name))
        try:
            case = step(officer, name)
        except CaseRefused:
            self.audit.record(officer, action, "refused", self.cases.clip_of(name))
            raise HTTPException(403) from None
        self.audit.record(officer, action, "ok", case.clip, case.reason)
        return _json(CaseRef(case=name))


def add_cases(
    app: FastAPI,
    rules: BreakGlass,
    officers: Mapping[str, str],
    owner: Callable[[str], Household | None],
    home_of: Callable[[str], Household | None],
    audit: Audit,
    now: Callable[[], datetime],
    memory: VaultJournal,
) -> None:
    """Routes to ask for, approve and read a case. Each needs a person's own token."""
    desk = _CaseDesk(Cases(rules, now, memory), officers, audit)
    _add_asking(app, desk, owner)
    _add_decisions(app, desk)
    _add_reading(app, desk, rules, home_of)


def _add_asking(app: FastAPI, desk: _CaseDesk, owner: Callable[[str], Household | None]) -> None:
    @app.post("/cases")
    async def ask(request: Request, authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        officer = desk.officer(authorization, x_earlid_officer, "case_asked")
        asked = asked_of(await request.body(), CaseQuery)
        home = owner(asked.owner)
        if home is None:
            desk.audit.record(officer, "case_asked", "unknown", asked.clip)
            raise HTTPException(404, "unknown")
        try:
            name = desk.cases.ask(officer, home.household_id, asked.clip, asked.reason)
        except CaseRefused:
            desk.audit.record(officer, "case_asked", "limited", asked.clip)
            raise HTTPException(403) from None
        desk.audit.record(officer, "case_asked", "ok", asked.clip, asked.reason)
        return _json(CaseRef(case=name))


def _add_decisions(app: FastAPI, desk: _CaseDesk) -> None:
    @app.post("/cases/{name}/approval")
    def approve(name: str, authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        return desk.decide(name, "case_approved", authorization, x_earlid_officer, desk.cases.approve)

    @app.post("/cases/{name}/denial")
    def deny(name: str, authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        return desk.decide(name, "case_denied", authorization, x_earlid_officer, desk.cases.deny)

    @app.delete("/cases/{name}")
    def close(name: str, authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        return desk.decide(name, "case_closed", authorization, x_earlid_officer, desk.cases.close)


def _add_reading(app: FastAPI, desk: _CaseDesk, rules: BreakGlass, home_of: Callable[[str], Household | None]) -> None:
    @app.get("/cases")
    def overview(authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        officer = desk.officer(authorization, x_earlid_officer, "case_seen")
        desk.audit.record(officer, "case_seen", "ok")
        return _json(CaseList(cases=desk.cases.standing()))

    @app.get("/cases/{name}")
    def read(name: str, authorization: Sent = "", x_earlid_officer: Sent = "") -> Response:
        clip = desk.cases.clip_of(name)
        officer = desk.officer(authorization, x_earlid_officer, "case_read", clip)
        try:
            case = desk.cases.read(officer, name)
        except CaseRefused:
            desk.audit.record(officer, "case_read", "refused", clip)
            raise HTTPException(403) from None
        home = home_of(case.household)
        desk.audit.record(officer, "case_read", "ok" if home else "unknown", case.clip, case.reason)
        if home is None:
            raise HTTPException(404, "unknown")
        return _json(case_facts(home, rules.show))


def _same(sent: str, token: str) -> bool:
    return hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
