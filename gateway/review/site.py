"""Puts the pages of the review tool together. They are rendered on the server."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

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
from gateway.review.people.sign_in_state import Session
from gateway.review.tool import ReviewTool


def pages_router(tool: ReviewTool) -> APIRouter:
    """All pages. Forms carry a token bound to the session's cookie. Without it they are refused."""
    router, signing, contract = APIRouter(include_in_schema=False), tool.signing, tool.contract
    signed_in, signed_form = Depends(signing.page_session), Depends(signing.form_session)

    def show(request: Request, session: Session, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        token = tool.auth.form_token(signing.token(request))
        return page(name, status, session=session, contract=contract, form_token=token, **values)

    is_by_provider = tool.provider is not None
    form = add_sign_in(router, tool.desk, tool.auth, signing, contract, tool.passkeys, by_provider=is_by_provider)
    if tool.provider is not None:
        add_provider(router, tool.provider, signing, form)
    if tool.stored is not None:
        add_joining(router, tool.auth, signing, tool.stored, tool.audit)
    add_account(router, tool.auth, signing, tool.stored, tool.audit, show, signed_in, signed_form, tool.passkeys)
    add_administration(router, tool.auth, signing, tool.stored, tool.audit, show, signed_in, signed_form)
    add_desk(router, tool.desk, show, signed_in, signed_form)
    add_clip(router, tool.desk, show, signed_in, signed_form, tool.labels)
    add_verification(router, tool.desk, tool.verification, show, signed_in, signed_form, tool.labels)
    add_oversight(router, tool.desk, tool.audit, show, signed_in)
    if contract.review.contact_check is not None:
        add_contact_check(router, tool.customers, signed_form)
    if contract.review.customer_lookup:
        add_lookup(router, tool.customers, show, signed_in, signed_form)
    if contract.review.break_glass is not None:
        add_cases(router, tool.cases, show, signed_in, signed_form)
    return router
