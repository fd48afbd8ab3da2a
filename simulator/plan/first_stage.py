"""What wakes a device: a cheap, permissive first stage, as shares measured once of a real engine.

Not the engine itself: a plan stays cheap, needs no model, and is the same on every machine; floating-point scores are
not. `earlid simulate first-stage` measures the shares anew.
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

    `voices`: of requests, by speaker. `lines`: of phrasebook lines without the wake word, as they are said, over the
    speakers it understands; `kinds` the mean of each list, for lines not in it. `sounds`: of noise without words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    measured_with: str
    threshold: float = Field(gt=0, lt=1)
    voices: dict[str, float] = Field(min_length=1)
    lines: dict[str, float]
    kinds: dict[str, float]
    sounds: dict[str, float]

    def of_request(self, voice: str) -> float:
        """A speaker nobody measured is one of the others: the mean of all."""
        return self.voices.get(voice, sum(self.voices.values()) / len(self.voices))

    def of_line(self, intent: str, text: str) -> float:
        return self.lines.get(text, self.kinds.get(intent, 0.0))


@functools.cache
def load_shares(path: Path = FIRST_STAGE) -> Shares:
    """Raises BadFile: an unknown key or a wrong value."""
    try:
        return Shares.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Shares)) from None
