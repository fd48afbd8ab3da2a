"""Pages of verification: different answers side by side, the final answer, figures of agreement."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.review.checking.verification import Verification
from gateway.review.forms.labels import Labels, annotation_form
from gateway.review.forms.models import AnnotationIn
from gateway.review.pages.clip import ClipForm, choices
from gateway.review.pages.render import NOTICES
from gateway.review.people.sign_in_state import Session
from gateway.review.services.faults import NotThere
from gateway.review.services.service import ReviewService
from gateway.storage.store import Annotation


def add_verification(
    router: APIRouter,
    desk: ReviewService,
    verification: Verification,
    show: Callable[..., HTMLResponse],
    signed_in: Any,
    signed_form: Any,
    labels: Labels,
) -> None:
    filled, form, offered = Depends(ClipForm), annotation_form(labels), choices(labels)

    @router.get("/verification")
    def overview(
        request: Request, session: Session = signed_in, notice: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        found = verification.differences(session)
        return show(request, session, "verification.html", differences=found, notice=NOTICES.get(notice, ""))

    @router.get("/verification/{ref}")
    def case(request: Request, ref: str, session: Session = signed_in) -> Response:
        found = verification.case(session, ref)
        if found is None:
            raise NotThere
        return show(request, session, "settle.html", case=found, clip=desk.open(session, ref), **offered)

    @router.post("/verification/{ref}")
    def settle(ref: str, session: Session = signed_form, said: ClipForm = filled) -> Response:
        answer: AnnotationIn = said.as_a(form)
        held = Annotation(
            reviewer=session.username,
            transcription=answer.transcription,
            intent=answer.intent,
            effective=answer.effective,
            heard=tuple(dict.fromkeys(answer.heard)),
            false_activation=answer.false_activation,
        )
        if not verification.settle(session, ref, held):
            raise NotThere
        return RedirectResponse("/verification?notice=settled", 303)

    @router.get("/agreement")
    def agreement(request: Request, session: Session = signed_in) -> Response:
        return show(request, session, "agreement.html", figures=verification.figures(session))
