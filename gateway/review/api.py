"""The JSON API of the review tool, for load tests and users' own tools."""

from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from gateway.contract.model import Contract, Role
from gateway.review.forms.labels import annotation_form
from gateway.review.forms.models import (
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
from gateway.review.people.auth import Auth
from gateway.review.people.sign_in_state import Session
from gateway.review.player.audio_range import audio_response
from gateway.review.security import SENTENCES
from gateway.review.services.customers import CustomerQuestions
from gateway.review.services.service import ReviewService
from gateway.review.services.signing import Signing, from_own_client
from gateway.review.tool import ReviewTool

_WAV: dict[int | str, dict[str, object]] = {
    200: {"content": {"audio/wav": {}}, "description": "The redacted audio, 16 kHz 16-bit mono."},
    206: {"content": {"audio/wav": {}}, "description": "The part that was asked for."},
}


class ErrorOut(Model):
    error: str


# By reference, not as a model: FastAPI would make a validator of it for each route and status, 156 in all.
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"content": _ERROR, "description": sentence} for status, sentence in SENTENCES.items()
}


class LoginIn(Model):
    """`code` is the six digits of the second factor, if the contract asks for one."""

    username: str = Field(max_length=256)
    password: str = Field(max_length=256)
    code: str = Field(default="", max_length=256)


class SessionOut(Model):
    username: str
    role: Role
    contract: str


class Done(Model):
    done: bool = True


def _json(said: Model, status: int = 200) -> Response:
    """The answer as it stands. FastAPI would check our own object once more, in another thread."""
    return Response(said.model_dump_json(), status, media_type="application/json")


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


def api_router(app: FastAPI, tool: ReviewTool) -> APIRouter:
    """Every call needs the session's cookie. A call that changes something also needs JSON or an `x-earlid` header."""
    router, contract = APIRouter(prefix="/api", responses=_ERRORS), tool.contract
    signed_in = Depends(tool.signing.api_session)
    _add_session(router, tool.desk, tool.auth, tool.signing, contract)
    _add_assignment(router, tool.desk, signed_in)
    _add_clips(router, tool.desk, signed_in)
    _add_annotation(router, tool.desk, signed_in, annotation_form(tool.labels))
    if contract.review.contact_check is not None:
        _add_contact_check(router, tool.customers, signed_in)
    if contract.review.customer_lookup:
        _add_customers(router, tool.customers, signed_in)

    @router.get("/openapi.json", include_in_schema=False)
    def description(_session: Session = signed_in) -> Response:
        return JSONResponse(_with_error(app.openapi()))

    return router


def _with_error(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the one schema that it only refers to."""
    parts = description["components"]
    return {
        **description,
        "components": {**parts, "schemas": {**parts["schemas"], "ErrorOut": ErrorOut.model_json_schema()}},
    }


def _add_session(router: APIRouter, desk: ReviewService, auth: Auth, signing: Signing, contract: Contract) -> None:
    @router.post("/session", dependencies=[Depends(from_own_client)])
    def login(request: Request, response: Response, said: LoginIn) -> SessionOut:
        device = request.cookies.get(signing.cookies.device, "")
        token = auth.login(said.username, said.password, said.code, signing.address(request), device)
        session = auth.session(token)
        signing.cookies.remember(response, signing.cookies.session, token)
        return SessionOut(username=said.username, role=session.role if session else "reviewer", contract=contract.name)

    @router.delete("/session")
    def logout(request: Request, response: Response, session: Session = Depends(signing.api_session)) -> Done:
        desk.leave(session)
        auth.logout(signing.token(request))
        signing.cookies.forget(response, signing.cookies.session)
        return Done()


def _add_assignment(router: APIRouter, desk: ReviewService, signed_in: Any) -> None:
    @router.get("/queue")
    def queue(session: Session = signed_in) -> DeskView:
        return desk.desk(session)

    @router.post("/next", response_model=NextClip)
    def next_clip(session: Session = signed_in, resume: bool = False) -> Response:
        """Assign a free clip to the caller, for ten minutes from its last use.

        With `resume` an unfinished clip of the caller comes first: so a call that got no answer is sent again.
        """
        return _json(NextClip(ref=desk.next(session, resume=resume)))

    @router.get("/audit/clips")
    def published(_session: Session = signed_in, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> ClipList:
        return desk.published(page)

    @router.post("/clips/{ref}/release")
    def release(ref: str, said: ReleaseIn, session: Session = signed_in) -> Done:
        desk.skip(session, ref, said.why)
        return Done()


def _add_clips(router: APIRouter, desk: ReviewService, signed_in: Any) -> None:
    @router.get("/clips/{ref}", response_model=ClipView)
    def clip(ref: str, session: Session = signed_in) -> Response:
        return _json(desk.open(session, ref))

    @router.get("/clips/{ref}/audio", response_class=Response, responses=_WAV)
    def audio(request: Request, ref: str, session: Session = signed_in) -> Response:
        return audio_response(request, desk.audio(session, ref))

    @router.post("/clips/{ref}/critical")
    def critical(ref: str, session: Session = signed_in) -> Withdrawn:
        return Withdrawn(undo=desk.withdraw(session, ref))

    @router.post("/undo")
    def undo(said: UndoIn, session: Session = signed_in) -> ClipRef:
        return ClipRef(ref=desk.undo(session, said.undo))


def _add_annotation(router: APIRouter, desk: ReviewService, signed_in: Any, form: Any) -> None:
    @router.post("/clips/{ref}/annotations", status_code=201, response_model=Done)
    def annotate(ref: str, said: form, session: Session = signed_in) -> Response:
        """What the caller has said last of a clip is kept once: a call that got no answer may be sent again."""
        desk.annotate(session, ref, said)
        return _json(Done(), 201)


def _add_contact_check(router: APIRouter, customers: CustomerQuestions, signed_in: Any) -> None:
    @router.post("/clips/{ref}/contact")
    def contact(ref: str, asked: ContactIn, session: Session = signed_in) -> ContactAnswer:
        return ContactAnswer(match=customers.check_contact(session, ref, asked))


def _add_customers(router: APIRouter, customers: CustomerQuestions, signed_in: Any) -> None:
    @router.get("/customers/{customer_id}")
    def customer(customer_id: str, session: Session = signed_in) -> CustomerOut:
        facts = customers.look_up(session, customer_id)
        return pydantic.TypeAdapter(CustomerOut).validate_python(facts, from_attributes=True)
