"""The labels of a project: what may have been asked for, and what else may be heard. Built in, or from a file."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.files import BadFile, describe, read_yaml
from gateway.review.forms.models import AnnotationIn, Heard, Intent

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_MOST_INTENTS, _MOST_SOUNDS = 11, 5  # each has a key of its own on the clip's page
NEEDED = "distress"  # a safety officer asks for a case on the strength of it


class Labels(BaseModel):
    """Codes of small letters, digits and underscores. A page shows them in words: `pay_a_bill` as "Pay a bill"."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    intents: tuple[_Code, ...] = Field(default=get_args(Intent), min_length=1, max_length=_MOST_INTENTS)
    sounds: tuple[_Code, ...] = Field(default=get_args(Heard), min_length=1, max_length=_MOST_SOUNDS)

    @pydantic.field_validator("intents", "sounds")
    @classmethod
    def _once_each(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if len({*codes}) < len(codes):
            raise ValueError("a label stands twice")
        return codes

    @pydantic.field_validator("sounds")
    @classmethod
    def _with_distress(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if NEEDED not in codes:
            raise ValueError(f"{NEEDED} must be among them: safety officers are asked for by it")
        return codes


def load_labels(path: Path) -> Labels:
    """Labels from YAML or JSON.

    Raises:
        BadFile: file, line, key and what is allowed. Values are not quoted.
    """
    told = read_yaml(path)
    if not isinstance(told, dict):
        raise BadFile(f"{path}: intents and sounds are wanted, each a list")
    try:
        return Labels.model_validate(told)
    except pydantic.ValidationError as error:
        key = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise BadFile(describe(f"{path}:{_line_of(path, key)}", error, Labels)) from None


def annotation_form(labels: Labels) -> type[AnnotationIn]:
    """AnnotationIn, with these labels in the place of the built-in ones."""
    if labels == Labels():
        return AnnotationIn
    intent: Any = Literal[labels.intents]
    sound: Any = Literal[labels.sounds]
    return pydantic.create_model(
        "AnnotationIn",
        __base__=AnnotationIn,
        intent=(intent, ...),
        heard=(tuple[sound, ...], Field(default=(), max_length=len(labels.sounds))),
    )


def _line_of(path: Path, key: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if re.match(rf"\s*[\"']?{re.escape(key)}\b", line)), 1)
