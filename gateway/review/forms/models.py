"""The shapes of forms, JSON calls and their answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.contract.model import MaskClass

Intent = Literal[
    "weather",
    "music",
    "timer",
    "message",
    "call",
    "shopping",
    "smart_home",
    "question",
    "news",
    "other",
    "not_for_device",
]
Effective = Literal["yes", "partly", "no", "unclear"]
Heard = Literal["background_talk", "child", "television", "nothing_intelligible", "distress"]
Speaker = Literal["adult", "child", "television", "background"]
SkipReason = Literal["later", "unclear", "too_distressing", "another_language", "technical"]

_MOST_REGIONS = 50


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Region(Model):
    """Who speaks from when to when, on the clip's sound."""

    start_ms: int = Field(ge=0, le=600_000)
    end_ms: int = Field(ge=0, le=600_000)
    who: Speaker

    @model_validator(mode="after")
    def _in_order(self) -> "Region":
        if self.end_ms <= self.start_ms:
            raise ValueError("a region ends after it starts")
        return self


class AnnotationIn(Model):
    """One reviewer's judgement of one clip."""

    transcription: str = Field(max_length=2000)
    intent: Intent
    effective: Effective
    heard: tuple[Heard, ...] = Field(default=(), max_length=5)
    false_activation: bool = False
    speakers: tuple[Region, ...] = Field(default=(), max_length=_MOST_REGIONS)


class DraftIn(Model):
    """Unsaved text as the form has it. Nothing in it has to be valid yet."""

    transcription: str = Field(default="", max_length=2000)
    intent: str = Field(default="", max_length=40)
    effective: str = Field(default="", max_length=16)
    heard: tuple[Annotated[str, Field(max_length=32)], ...] = Field(default=(), max_length=10)
    false_activation: bool = False
    speakers: tuple[Region, ...] = Field(default=(), max_length=_MOST_REGIONS)


class AnnotationOut(Model):
    """`transcription` is free text. Its author gets it unchanged, others get it redacted."""

    reviewer: str
    transcription: str | None
    intent: str
    effective: str
    heard: list[str]
    false_activation: bool
    speakers: list[Region]


class ContactIn(Model):
    """The name that a reviewer heard."""

    heard: str = Field(min_length=1, max_length=80)


class ContactAnswer(Model):
    """Match or no match. Null if the clip's household is not known any more."""

    match: bool | None


class NextClip(Model):
    """The assigned clip. Null if nothing is left for this reviewer."""

    ref: str | None


class ReleaseIn(Model):
    """Why a clip is given back. It is not offered to the same person again."""

    why: SkipReason


class UndoIn(Model):
    """The word from the answer to the withdrawal."""

    undo: str = Field(min_length=1, max_length=1000)


class Withdrawn(Model):
    """`undo` takes the withdrawal back, within a minute, from the same person. It is kept nowhere else."""

    done: bool = True
    undo: str


class ClaimOut(Model):
    """A clip that is assigned to this reviewer. `done`: annotated; `heard`: its sound was served."""

    ref: str
    done: bool
    heard: bool


class DeskView(Model):
    """A reviewer's own work. `waiting` counts the clips left for them, up to 1,000."""

    claims: list[ClaimOut]
    waiting: int
    annotated_today: int
    skipped_today: int


class ClipRef(Model):
    ref: str


class ClipList(Model):
    """Published clips by random reference, for the auditor; `page` counts from 1."""

    clips: list[ClipRef]
    page: int
    pages: int


class WordOut(Model):
    """A word of the transcript, or a placeholder of the class `masked`, from character `at` on.

    `start_s` and `end_s` are seconds of the clip's sound. They are null without sound, and where nobody can say them.
    """

    at: int
    text: str
    start_s: float | None
    end_s: float | None
    masked: MaskClass | None


class CoveredOut(Model):
    """Seconds of the sound that are covered, and the classes of what was said there."""

    start_s: float
    end_s: float
    classes: list[MaskClass]


class ClipView(Model):
    """A clip as the contract shows it; None means not shown. `peaks` are 0..100 per column of the waveform."""

    ref: str
    recorded_on: str
    trigger: str
    duration_ms: int
    device: str | None
    customer: str | None
    given_name: str | None
    locality: str | None
    latitude: float | None
    longitude: float | None
    transcript: str | None
    audio: bool
    withheld: str | None
    peaks: list[int]
    words: list[WordOut]
    covered: list[CoveredOut]
    annotations: list[AnnotationOut]
