"""What the wake engine is asked about: phrases x voices x rooms, rendered with their answer, split for honest figures.

Voices, phrases and whole families of confusables can each be held out; a take says which it is.
"""

import functools
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import espeakng_loader
import msgspec
import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from simulator.scenes import Backdrop, Saying, Scene, Sound, render
from simulator.utterances import Word
from simulator.voices import Voice

PHRASES = Path(__file__).parent / "phrases.yaml"
ACCENTS = ("en-gb-x-rp", "en-gb-x-rp", "en-gb-x-rp", "en-us", "en", "en-gb-x-gbclan", "en-gb-scotland")
WAKE = "Alexa"
_HELD_OUT = 5  # every fifth phrase, and about that share of voices, is never trained on
_SNR_DB = (25.0, 20.0, 15.0, 10.0)
# variants that are effects rather than people
_NO_PEOPLE = frozenset(
    "whisper whisperf croak UniRobot robosoft robosoft2 robosoft3 fast Half-LifeAnnouncementSystem".split()
)

T = TypeVar("T")

Split = Literal["train", "held_out"]
Kind = Literal["wake", "lead_in", "confusable", "ordinary"]


class Family(BaseModel):
    """Phrases that sound like the wake word, and sentences they are said in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    phrases: tuple[str, ...] = Field(min_length=1)
    contexts: tuple[str, ...] = Field(min_length=_HELD_OUT)


class Phrases(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    commands: tuple[str, ...] = Field(min_length=50)
    lead_ins: tuple[str, ...] = Field(min_length=1)
    families: dict[str, Family] = Field(min_length=1)
    ordinary: tuple[str, ...] = Field(min_length=_HELD_OUT)


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One line in one voice; `family` is empty for what sounds like nothing in particular.

    `phrase_split` and `voice_split` say which of its parts training may hear.
    """

    kind: Kind
    family: str
    phrase: str
    line: str
    voice: Voice
    phrase_split: Split
    voice_split: Split
    backdrop: Backdrop
    snr_db: float
    pre_roll_ms: int
    seed: int


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    family: str
    phrase: str
    text: str
    split: Split


@functools.cache
def load_phrases(path: Path = PHRASES) -> Phrases:
    """Raises BadFile: an unknown key or a list that is too short."""
    try:
        return Phrases.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Phrases)) from None


def takes(count: int, *, kind: Kind, seed: int) -> Iterator[Take]:
    """`count` takes of one kind, every choice drawn from `seed`."""
    rng = np.random.default_rng([seed, number_of(kind)])
    lines = _lines(kind)
    by_head: dict[str, list[_Line]] = {}
    for line in lines:
        by_head.setdefault(f"{line.family}/{line.phrase}", []).append(line)
    heads = sorted(by_head)
    for number in range(count):
        line = _one(by_head[heads[number % len(heads)]], rng)
        voice = random_voice(rng)
        yield Take(
            kind=kind,
            family=line.family,
            phrase=line.phrase,
            line=line.text,
            voice=voice,
            phrase_split=line.split,
            voice_split=voice_split(voice),
            backdrop="pink",
            snr_db=_one(_SNR_DB, rng),
            pre_roll_ms=int(rng.integers(350, 600)),
            seed=int(rng.integers(2**62)),
        )


def sound_of(take: Take) -> Sound:
    """The take as a microphone hears it."""
    words = tuple(Word(text=text) for text in take.line.split())
    return render(
        Scene(
            sayings=(Saying(voice=take.voice, words=words),),
            backdrop=take.backdrop,
            snr_db=take.snr_db,
            pre_roll_ms=take.pre_roll_ms,
            seed=take.seed,
        )
    )


def random_voice(rng: np.random.Generator) -> Voice:
    """Any accent, variant, pitch and rate: most of them nobody tuned the engine for."""
    variant = _one(_variants(), rng)
    pitch, rate = int(rng.integers(20, 86)), int(rng.integers(130, 191))
    accent = _one(ACCENTS, rng)
    name = f"{accent}-{variant}-{pitch}-{rate}".lower().replace("_", "-").replace("+", "-")
    return Voice(
        name="".join(ch for ch in name if ch.isascii() and (ch.isalnum() or ch == "-")),
        accent=accent,
        variant=variant,
        pitch=pitch,
        rate_wpm=rate,
        sounds="adult",
        clean=0.0,
        noisy=0.0,
    )


def voice_split(voice: Voice) -> Split:
    """By variant: a held-out voice's larynx is not heard in training with any accent, pitch or rate."""
    return "held_out" if number_of(voice.variant) % 4 == 0 else "train"


def number_of(text: str) -> int:
    """A stable number for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


@functools.cache
def _variants() -> tuple[str, ...]:
    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    return tuple(sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in _NO_PEOPLE))


def _lines(kind: Kind) -> list[_Line]:
    book = load_phrases()
    if kind == "ordinary":
        return [_line(kind, "", "", text, at) for at, text in enumerate(book.ordinary)]
    if kind == "confusable":
        return [
            _line(kind, name, phrase, context.replace("{x}", phrase), at)
            for name, family in book.families.items()
            for phrase in family.phrases
            for at, context in enumerate(family.contexts)
        ]
    before = [f"{lead} " for lead in book.lead_ins] if kind == "lead_in" else [""]
    return [
        _line(kind, "", lead.strip(), f"{lead}{WAKE}{pause} {command}", at)
        for lead in before
        for pause in (",", "")
        for at, command in enumerate(book.commands)
    ]


def _line(kind: Kind, family: str, phrase: str, text: str, at: int) -> _Line:
    split: Split = "held_out" if at % _HELD_OUT == _HELD_OUT - 1 else "train"
    return _Line(kind=kind, family=family, phrase=phrase, text=f"{text[:1].upper()}{text[1:]}.", split=split)


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]
