"""Puts all pages together. They are rendered on the server."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from gateway.audit.log import ReadableAudit
from gateway.contract.model import Contract
from gateway.review.checking.verification import Verification
from gateway.review.forms.labels import Labels
from gateway.review.pages.account import add_account, add_joining
from gateway.review.pages.administration import add_administration
from gateway.review.pages.case import add_cases
from gateway.review.pages.clip import add_clip
from gateway.review.pages.customers import add_contact_check, add_lookup
from gateway.review.pages.desk import add_desk
from gateway.review.pages.oversight import add_oversight
from gateway.review.pages.render import page
from gateway.review.pages.sign_in import add_provider, add_sign_in
from gateway.review.pages.verification import add_verification
from gateway.review.people.auth import Auth
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.sign_in_state import Session
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.sign_in import ProviderSignIn
from gateway.review.services.case_service import CaseService
from gateway.review.services.customers import CustomerQuestions
from gateway.review.services.service import ReviewService
from gateway.review.services.signing import Signing


def pages_router(
    desk: ReviewService,
    customers: CustomerQuestions,
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
    form = add_sign_in(router, desk, auth, signing, contract, kept, by_provider=provider is not None)
    if provider is not None:
        add_provider(router, provider, signing, form)
    if accounts is not None:
        add_joining(router, auth, signing, accounts, log)
    add_account(router, auth, signing, accounts, log, show, signed_in, signed_form, kept)
    add_administration(router, auth, signing, accounts, log, show, signed_in, signed_form)
    add_desk(router, desk, show, signed_in, signed_form)
    add_clip(router, desk, show, signed_in, signed_form, labels)
    add_verification(router, desk, verification, show, signed_in, signed_form, labels)
    add_oversight(router, desk, log, show, signed_in)
    if contract.review.contact_check is not None:
        add_contact_check(router, customers, signed_form)
    if contract.review.customer_lookup:
        add_lookup(router, customers, show, signed_in, signed_form)
    if contract.review.break_glass is not None:
        add_cases(router, cases, show, signed_in, signed_form)
    return router
