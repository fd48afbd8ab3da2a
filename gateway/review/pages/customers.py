"""The pages that ask the vault: whether a name is a contact, and the look-up of a customer."""

from collections.abc import Callable
from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.review.forms.models import ContactIn
from gateway.review.people.sign_in_state import Session
from gateway.review.services.customers import CustomerQuestions
from gateway.review.services.faults import LookupUnavailable, NotThere
from gateway.vault.messages import TriesUsedUp

Text = Annotated[str, Form(max_length=256)]


def add_contact_check(router: APIRouter, customers: CustomerQuestions, signed_form: Any) -> None:
    """Ask whether the heard name is a contact of the clip's household."""

    @router.post("/clips/{ref}/contact")
    def contact(
        ref: str, session: Session = signed_form, heard: Annotated[str, Form(min_length=1, max_length=80)] = ""
    ) -> Response:
        try:
            match = customers.check_contact(session, ref, ContactIn(heard=heard))
            notice = {True: "contact", False: "no_contact", None: "contact_unknown"}[match]
        except pydantic.ValidationError:
            raise HTTPException(422) from None
        except TriesUsedUp:
            notice = "contact_limited"
        except LookupUnavailable:
            notice = "contact_unknown"
        return RedirectResponse(f"/clips/{ref}?notice={notice}", 303)


def add_lookup(
    router: APIRouter, customers: CustomerQuestions, show: Callable[..., HTMLResponse], signed_in: Any, signed_form: Any
) -> None:
    """Look a customer up by id."""

    @router.get("/customers")
    def form(request: Request, session: Session = signed_in) -> Response:
        return show(request, session, "customers.html", facts=None, fault="")

    # Asked by POST, so that no customer id stands in a URL, a history or a proxy's log.
    @router.post("/customers")
    def look_up(request: Request, customer_id: Text, session: Session = signed_form) -> Response:
        try:
            facts = customers.look_up(session, customer_id.strip())
        except NotThere:
            return show(request, session, "customers.html", 404, facts=None, fault="No such customer.")
        except LookupUnavailable:
            fault = "Customers cannot be looked up at the moment."
            return show(request, session, "customers.html", 503, facts=None, fault=fault)
        return show(request, session, "customers.html", facts=facts, fault="")
