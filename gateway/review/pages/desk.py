"""A reviewer's desk: what is assigned to them, the next clip, and the undo of a withdrawal."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.review.pages.render import NOTICES
from gateway.review.people.sign_in_state import Session
from gateway.review.services.faults import NotThere
from gateway.review.services.service import ReviewService
from gateway.storage.queue.assignments import QuotaUsedUp


def add_desk(
    router: APIRouter, desk: ReviewService, show: Callable[..., HTMLResponse], signed_in: Any, signed_form: Any
) -> None:
    @router.get("/queue")
    def overview(
        request: Request, session: Session = signed_in, notice: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        return show(request, session, "queue.html", desk=desk.desk(session), notice=NOTICES.get(notice, ""))

    # By POST: a clip is assigned by it, which no link and no prefetch may do.
    @router.post("/next")
    def next_clip(session: Session = signed_form) -> Response:
        return lead_on(desk, session)

    @router.post("/clips/{ref}/critical")
    def critical(request: Request, ref: str, session: Session = signed_form) -> Response:
        """The answer is a page and not a redirect, so that the undo word is in no URL."""
        undo = desk.withdraw(session, ref)
        return show(request, session, "withdrawn.html", notice=NOTICES["withdrawn"], undo=undo)

    @router.post("/undo")
    def take_back(session: Session = signed_form, undo: Annotated[str, Form(max_length=1000)] = "") -> Response:
        try:
            desk.undo(session, undo)
        except NotThere:
            return RedirectResponse("/queue?notice=too_late", 303)
        return RedirectResponse("/queue?notice=undone", 303)


def lead_on(desk: ReviewService, session: Session) -> Response:
    """Redirect to the person's current clip, or to the next one."""
    try:
        ref = desk.next(session, resume=True)
    except QuotaUsedUp:
        return RedirectResponse("/queue?notice=quota", 303)
    return RedirectResponse(f"/clips/{ref}" if ref else "/queue?notice=finished", 303)
