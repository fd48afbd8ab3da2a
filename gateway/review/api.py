"""The same desk as JSON, for programs: load tests, and tools of a user's own."""

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from gateway.contract.model import Contract, Role
from gateway.review.auth import Auth, Session
from gateway.review.forms.models import (
    AnnotationIn,
    ClipList,
    ClipRef,
    ClipView,
    ContactAnswer,
    ContactIn,
    DeskView,
    Model,
    NextClip,
    ReleaseIn,
    UndoIn,
    Withdrawn,
)
from gateway.review.player.audio_range import audio_response
from gateway.review.service import ReviewService
from gateway.review.signing import COOKIE, DEVICE_COOKIE, Signing, forget, from_own_client, remember

_WAV: dict[int | str, dict[str, object]] = {
    200: {"content": {"audio/wav": {}}, "description": "The redacted audio, 16 kHz 16-bit mono."},
    206: {"content": {"audio/wav": {}}, "description": "The part that was asked for."},
}


class LoginIn(Model):
    """`code` is the six digits of the second factor, where the contract asks for one."""

    username: str = Field(max_length=256)
    password: str = Field(max_length=256)
    code: str = Field(default="", max_length=256)


class SessionOut(Model):
    username: str
    role: Role
    contract: str


class Done(Model):
    done: bool = True


class PlaceOut(Model):
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class ContactOut(Model):
    name: str | None
    phones: list[str]
    emails: list[str]


class CustomerOut(Model):
    """Phone numbers come with some digits obscured."""

    customer_id: str
    home: PlaceOut | None
    work: list[PlaceOut]
    phones: list[str]
    contacts: list[ContactOut]


def api_router(app: FastAPI, desk: ReviewService, auth: Auth, signing: Signing, contract: Contract) -> APIRouter:
    """Every call needs the session's cookie; what changes something, JSON or an `x-earlid` header as well."""
    router = APIRouter(prefix="/api")
    signed_in = Depends(signing.api_session)

    @router.post("/session", dependencies=[Depends(from_own_client)])
    def login(request: Request, response: Response, said: LoginIn) -> SessionOut:
        device = request.cookies.get(DEVICE_COOKIE, "")
        token = auth.login(said.username, said.password, said.code, signing.address(request), device)
        session = auth.session(token)
        remember(response, COOKIE, token)
        return SessionOut(username=said.username, role=session.role if session else "reviewer", contract=contract.name)

    @router.delete("/session")
    def logout(request: Request, response: Response, session: Session = signed_in) -> Done:
        desk.leave(session)
        auth.logout(request.cookies.get(COOKIE, ""))
        forget(response, COOKIE)
        return Done()

    @router.get("/queue")
    def queue(session: Session = signed_in) -> DeskView:
        return desk.desk(session)

    @router.post("/next")
    def next_clip(session: Session = signed_in) -> NextClip:
        """A clip that is nobody else's, assigned to the caller for ten minutes from its last use."""
        return NextClip(ref=desk.next(session))

    @router.get("/audit/clips")
    def published(_session: Session = signed_in, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> ClipList:
        return desk.published(page)

    @router.get("/clips/{ref}")
    def clip(ref: str, session: Session = signed_in) -> ClipView:
        return desk.open(session, ref)

    @router.get("/clips/{ref}/audio", response_class=Response, responses=_WAV)
    def audio(request: Request, ref: str, session: Session = signed_in) -> Response:
        return audio_response(request, desk.audio(session, ref))

    @router.post("/clips/{ref}/annotations", status_code=201)
    def annotate(ref: str, said: AnnotationIn, session: Session = signed_in) -> Done:
        desk.annotate(session, ref, said)
        return Done()

    @router.post("/clips/{ref}/release")
    def release(ref: str, said: ReleaseIn, session: Session = signed_in) -> Done:
        desk.skip(session, ref, said.why)
        return Done()

    @router.post("/clips/{ref}/critical")
    def critical(ref: str, session: Session = signed_in) -> Withdrawn:
        return Withdrawn(undo=desk.withdraw(session, ref))

    @router.post("/undo")
    def undo(said: UndoIn, session: Session = signed_in) -> ClipRef:
        return ClipRef(ref=desk.undo(session, said.undo))

    if contract.review.contact_check is not None:

        @router.post("/clips/{ref}/contact")
        def contact(ref: str, asked: ContactIn, session: Session = signed_in) -> ContactAnswer:
            return ContactAnswer(match=desk.check_contact(session, ref, asked))

    if contract.review.customer_lookup:

        @router.get("/customers/{customer_id}")
        def customer(customer_id: str, session: Session = signed_in) -> CustomerOut:
            facts = desk.look_up(session, customer_id)
            return pydantic.TypeAdapter(CustomerOut).validate_python(facts, from_attributes=True)

    @router.get("/openapi.json", include_in_schema=False)
    def description(_session: Session = signed_in) -> Response:
        return JSONResponse(app.openapi())

    return router
