"""What the wake engine is asked about: phrases x voices x channels, split for honest figures.

Voices, phrases, whole families of confusables and whole sources of voices can each be held out; a take says what it
is. `sounds.py` makes it audible.
"""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import espeakng_loader
import msgspec
import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from scenarios.wakewords.flite import ACCENT as FLITE
from scenarios.wakewords.flite import SPEAKERS
from scenarios.wakewords.near import common_words, near_pairs, near_words
from scenarios.wakewords.talk import Split, chat, number_of
from simulator.sound.scenes import Backdrop
from simulator.sound.voices import Voice

PHRASES = Path(__file__).parent / "phrases.yaml"
ACCENTS = ("en-gb-x-rp", "en-gb-x-rp", "en-gb-x-rp", "en-us", "en", "en-gb-x-gbclan", "en-gb-scotland")
NEURAL_SPEAKER = "joe"
HELD_OUT_SPEAKERS = frozenset({"awb"})
WAKE = "Alexa"
_HELD_OUT = 5  # every fifth phrase, and about that share of voices, is never trained on
_SNR_DB, _HARDER_SNR_DB = (25.0, 20.0, 15.0, 10.0), (25.0, 20.0, 15.0, 10.0, 5.0, 3.0)
_BACKDROPS: tuple[Backdrop, ...] = ("pink", "pink", "pink", "television", "babble")
PLACES = 24  # rooms and talkers in them (`sounds.place`)
BANDS = 5
# variants that are effects rather than people
_NO_PEOPLE = frozenset(
    "whisper whisperf croak UniRobot robosoft robosoft2 robosoft3 fast Half-LifeAnnouncementSystem".split()
)

T = TypeVar("T")

Kind = Literal["wake", "lead_in", "confusable", "near", "ordinary", "words"]
Source = Literal["espeak", "flite", "neural"]


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


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Between mouth and samples: a talker's place in a room (None: close by), the larynx' and mouth's size as a change
    of speed (1: as spoken), and a microphone's leanings in dB over five bands (none: flat)."""

    place: int | None = None
    speed: float = 1.0
    bands_db: tuple[float, ...] = ()


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One line in one voice of one source; `family` is empty for what sounds like nothing in particular.

    `phrase_split` and `voice_split` say which of its parts training may hear.
    """

    kind: Kind
    family: str
    phrase: str
    line: str
    source: Source
    voice: Voice
    phrase_split: Split
    voice_split: Split
    backdrop: Backdrop
    snr_db: float
    pre_roll_ms: int
    channel: Channel = Channel()
    seed: int

    @property
    def request(self) -> bool:
        return self.kind in ("wake", "lead_in")

    @property
    def trainable(self) -> bool:
        """Whether training may hear it: neither its voice nor its phrase is held out."""
        return self.voice_split == self.phrase_split == "train"


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


def takes(count: int, *, kind: Kind, seed: int, source: Source = "espeak", varied: bool = False) -> Iterator[Take]:
    """`count` takes of one kind, every choice drawn from `seed`; every phrase has its turn.

    `varied` takes are heard through rooms, other mouths and microphones, over televisions and babble: for training.
    """
    rng = np.random.default_rng([seed, number_of(f"{kind}/{source}/{varied}")])
    by_head: dict[str, list[_Line]] = {}
    for line in _lines(kind):
        by_head.setdefault(f"{line.family}/{line.phrase}", []).append(line)
    heads = sorted(by_head)
    for number in range(count):
        line = _drawn(kind, rng) if not heads else _one(by_head[heads[number % len(heads)]], rng)
        voice = _voice_of(source, rng)
        yield Take(
            kind=kind,
            family=line.family,
            phrase=line.phrase,
            line=line.text,
            source=source,
            voice=voice,
            phrase_split=line.split,
            voice_split=voice_split(voice),
            backdrop=_one(_BACKDROPS, rng) if varied else "pink",
            snr_db=_one(_HARDER_SNR_DB if varied else _SNR_DB, rng),
            pre_roll_ms=int(rng.integers(350, 600)),
            channel=_channel(rng) if varied else Channel(),
            seed=int(rng.integers(2**62)),
        )


def random_voice(rng: np.random.Generator, split: Split | None = None) -> Voice:
    """Any accent, variant, pitch and rate: most of them nobody tuned the engine for. Of one split if asked."""
    variants = [name for name in _variants() if split is None or _variant_split(name) == split]
    variant = _one(variants, rng)
    pitch, rate = int(rng.integers(20, 86)), int(rng.integers(130, 191))
    return _voice(_one(ACCENTS, rng), variant, pitch, rate)


def _voice_of(source: Source, rng: np.random.Generator) -> Voice:
    if source == "espeak":
        return random_voice(rng)
    speaker = _one(sorted(SPEAKERS), rng) if source == "flite" else NEURAL_SPEAKER
    pitch, rate = int(rng.integers(20, 86)), int(rng.integers(130, 191))
    if source == "flite":
        return _voice(FLITE, speaker, pitch, rate)
    return _voice("en-us", speaker, pitch, rate).model_copy(update={"maker": "piper"})


def _voice(accent: str, variant: str, pitch: int, rate: int) -> Voice:
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


def _channel(rng: np.random.Generator) -> Channel:
    place = int(rng.integers(PLACES)) if rng.random() < 0.5 else None
    speed = round(float(rng.uniform(0.88, 1.14)), 2) if rng.random() < 0.7 else 1.0
    bands = tuple(round(float(band), 1) for band in rng.uniform(-6, 6, BANDS)) if rng.random() < 0.5 else ()
    return Channel(place=place, speed=speed, bands_db=bands)


def voice_split(voice: Voice) -> Split:
    """By variant: a held-out voice's larynx is not heard in training with any accent, pitch or rate.

    No voice of the neural maker ever is.
    """
    if voice.maker == "piper":
        return "held_out"
    if voice.accent == FLITE:
        return "held_out" if voice.variant in HELD_OUT_SPEAKERS else "train"
    return _variant_split(voice.variant)


def _variant_split(variant: str) -> Split:
    return "held_out" if number_of(variant) % 4 == 0 else "train"


@functools.cache
def _variants() -> tuple[str, ...]:
    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    return tuple(sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in _NO_PEOPLE))


def _lines(kind: Kind) -> list[_Line]:
    """Of a kind whose lines are listed, all of them; of one whose lines are drawn, none."""
    book = load_phrases()
    if kind in ("near", "ordinary", "words"):
        return []
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


def _drawn(kind: Kind, rng: np.random.Generator) -> _Line:
    split: Split = "train" if rng.random() < 0.5 else "held_out"
    if kind == "ordinary":
        return _Line(kind=kind, family="", phrase="", text=chat(rng, split, int(rng.integers(1, 3))), split=split)
    if kind == "words":
        words = [_one(common_words(split), rng) for _ in range(int(rng.integers(5, 12)))]
        return _Line(kind=kind, family="", phrase="", text=f"{' '.join(words).capitalize()}.", split=split)
    phrase = _one(near_words(split) if rng.random() < 0.5 else near_pairs(split), rng)
    rest = chat(rng, split).rstrip(".?").split()
    way = rng.random()
    if way < 0.25:  # as if it were the wake word
        text = f"{phrase}, {_one(load_phrases().commands, rng)}."
    elif way < 0.4:
        text = f"{phrase}."
    else:
        at = int(rng.integers(1, len(rest))) if way < 0.7 else 0
        text = f"{' '.join((*rest[:at], phrase, *rest[at:]))}."
    return _Line(kind=kind, family="", phrase=phrase, text=f"{text[:1].upper()}{text[1:]}", split=split)


def _line(kind: Kind, family: str, phrase: str, text: str, at: int) -> _Line:
    split: Split = "held_out" if at % _HELD_OUT == _HELD_OUT - 1 else "train"
    return _Line(kind=kind, family=family, phrase=phrase, text=f"{text[:1].upper()}{text[1:]}.", split=split)


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]
