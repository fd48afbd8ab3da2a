"""The clip's page: sound, words, and the reviewer's form."""

import json
from collections.abc import Callable
from typing import Annotated, Any, get_args

import pydantic
from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.review.forms.labels import Labels, annotation_form
from gateway.review.forms.models import DraftIn, Effective, SkipReason, Speaker
from gateway.review.pages.desk import lead_on
from gateway.review.pages.render import NOTICES
from gateway.review.people.sign_in_state import Session
from gateway.review.player.audio_range import audio_response
from gateway.review.player.spectrogram import spectrogram_png
from gateway.review.services.faults import NotHeard, TakenByAnother
from gateway.review.services.service import ReviewService
from gateway.vault.messages import Reason

Short = Annotated[str, Form(max_length=40)]


def choices(labels: Labels) -> dict[str, tuple[str, ...]]:
    """What the clip's page offers."""
    return {
        "intents": labels.intents,
        "effects": get_args(Effective),
        "sounds": labels.sounds,
        "speakers": get_args(Speaker),
        "skips": get_args(SkipReason),
        "reasons": get_args(Reason),
    }


class ClipForm:
    """The form's fields as a dependency. They are checked later. An error quotes no value."""

    def __init__(
        self,
        transcription: Annotated[str, Form(max_length=2000)] = "",
        intent: Short = "",
        effective: Short = "",
        heard: Annotated[list[str] | None, Form(max_length=10)] = None,
        false_activation: Annotated[bool, Form()] = False,
        speakers: Annotated[str, Form(max_length=8000)] = "",
    ) -> None:
        try:
            regions = json.loads(speakers or "[]")
        except ValueError:
            raise HTTPException(422) from None
        self.values = {
            "transcription": transcription,
            "intent": intent,
            "effective": effective,
            "heard": heard or [],
            "false_activation": false_activation,
            "speakers": regions,
        }

    def as_a(self, kind: type[pydantic.BaseModel]) -> Any:
        try:
            return kind.model_validate(self.values)
        except pydantic.ValidationError:
            raise HTTPException(422) from None


def add_clip(
    router: APIRouter,
    desk: ReviewService,
    show: Callable[..., HTMLResponse],
    signed_in: Any,
    signed_form: Any,
    labels: Labels,
) -> None:
    filled, form, offered = Depends(ClipForm), annotation_form(labels), choices(labels)

    @router.get("/clips/{ref}")
    def clip(
        request: Request, ref: str, session: Session = signed_in, notice: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        seen = desk.open(session, ref)
        values = {"clip": seen, "claim": desk.claim(session, ref), "form": _filled_in(desk, session, ref, seen)}
        return show(request, session, "clip.html", notice=NOTICES.get(notice, ""), **values, **offered)

    @router.get("/clips/{ref}/audio.wav")
    def audio(request: Request, ref: str, session: Session = signed_in) -> Response:
        return audio_response(request, desk.audio(session, ref))

    @router.get("/clips/{ref}/spectrogram.png")
    def spectrogram(ref: str, session: Session = signed_in) -> Response:
        return Response(spectrogram_png(desk.audio(session, ref, to_hear=False)), media_type="image/png")

    @router.post("/clips/{ref}/annotations")
    def annotate(ref: str, session: Session = signed_form, said: ClipForm = filled, then: Short = "") -> Response:
        try:
            desk.annotate(session, ref, said.as_a(form))
        except NotHeard:
            return RedirectResponse(f"/clips/{ref}?notice=listen", 303)
        except TakenByAnother:
            return RedirectResponse("/queue?notice=taken", 303)
        if then == "next":
            return lead_on(desk, session)
        return RedirectResponse(f"/clips/{ref}?notice=saved", 303)

    @router.post("/clips/{ref}/draft")
    def draft(ref: str, session: Session = signed_form, said: ClipForm = filled) -> Response:
        desk.keep_draft(session, ref, said.as_a(DraftIn))
        return Response(status_code=204)

    @router.post("/clips/{ref}/skip")
    def skip(ref: str, session: Session = signed_form, why: Short = "") -> Response:
        chosen = next((each for each in get_args(SkipReason) if each == why), None)
        if chosen is None:
            raise HTTPException(422)
        desk.skip(session, ref, chosen)
        return lead_on(desk, session)


def _filled_in(desk: ReviewService, session: Session, ref: str, seen: Any) -> DraftIn:
    """The content of the form: the draft, the saved annotation, or the automatic transcript to correct."""
    kept = desk.draft(session, ref)
    if kept is not None:
        return kept
    mine = [each for each in seen.annotations if each.reviewer == session.username]
    if mine:
        said = mine[-1].model_dump(exclude={"reviewer"})
        return DraftIn(**said | {"transcription": said["transcription"] or ""})
    return DraftIn(transcription=(seen.transcript or "")[:2000])
