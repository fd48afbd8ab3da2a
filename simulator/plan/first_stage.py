"""A device's first stage: the shares of sounds at which it wakes, measured once with a real engine.

A plan uses the shares and not the engine. It is then cheap, needs no model, and is the same on every machine.
`earlid simulate first-stage` measures the shares again.
"""

import functools
from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml

FIRST_STAGE = Path(__file__).parent / "first_stage.yaml"

Wakes = Literal["every_sound", "measured"]


class Shares(BaseModel):
    """Shares of sounds on which the engine's best score reached `threshold`.

    `voices` are shares of requests by speaker. `lines` are shares of phrasebook lines without the wake word, over the
    understood speakers. `kinds` are the means of each list, used for other lines. `sounds` are shares of noises.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    measured_with: str
    threshold: float = Field(gt=0, lt=1)
    voices: dict[str, float] = Field(min_length=1)
    lines: dict[str, float]
    kinds: dict[str, float]
    sounds: dict[str, float]

    def of_request(self, voice: str) -> float:
        """The share of this speaker's requests. An unmeasured speaker gets the mean of all speakers."""
        return self.voices.get(voice, sum(self.voices.values()) / len(self.voices))

    def of_line(self, intent: str, text: str) -> float:
        return self.lines.get(text, self.kinds.get(intent, 0.0))


@functools.cache
def load_shares(path: Path = FIRST_STAGE) -> Shares:
    """Load the shares. Raises BadFile for an unknown key or a wrong value."""
    try:
        return Shares.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Shares)) from None
