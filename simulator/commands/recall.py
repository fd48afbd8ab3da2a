"""Measures the recall of a real wake engine, on the voices that were chosen by it and on all others.

It also measures first_stage.yaml: the shares of sounds at which a permissive first stage wakes.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gateway.identities import Household
from simulator.plan.first_stage import Shares
from simulator.sound.noises import at_level, dishes, music, pink_noise
from simulator.sound.scenes import SPEECH_DBFS
from simulator.sound.speech import say
from simulator.sound.voices import Voice
from simulator.world.utterances import FALSE_WAKES, Lines, Phrasebook, fill

# Requests of which the shares in voices.yaml are.
REQUESTS = (
    "Alexa, what is the weather tomorrow?",
    "Alexa, set a timer for ten minutes.",
    "Alexa, play some music.",
    "Alexa, turn off the lights.",
    "Alexa, add milk to my shopping list.",
)
NOISY_DB = 15.0
_LEAD_SAMPLES, _HEARD_SAMPLES, _AFTER_SAMPLES = 24_000, 40_000, 8_000
_HOP = 1_280
_CLEAN_DB = 50.0
_ENOUGH = 0.5
_PERMISSIVE = 0.02  # at this score it hears every understood voice and half of the others
_NOISES, _NOISE_SAMPLES, _NOISE_DB = 20, 64_000, 3.0
_QUIET_DBFS = -66.0

Score = Callable[[np.ndarray], float]


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """The recall over a group of voices: `heard` of `said` wake words."""

    group: str
    voices: int
    said: int
    clean: float
    noisy: float


def engine(model: str = "alexa_v0.1") -> Score:
    """openWakeWord's own streaming loop: the best score of int16 PCM at 16 kHz."""
    import openwakeword
    from openwakeword.model import Model

    head = Path(openwakeword.__file__).parent / "resources" / "models" / f"{model}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it asks for a GPU first
        listener: Any = Model(wakeword_model_paths=[str(head)])

    def score(pcm: np.ndarray) -> float:
        listener.reset()
        blocks = [pcm[at : at + _HOP] for at in range(0, len(pcm) - _HOP + 1, _HOP)]
        return max(float(next(iter(listener.predict(block).values()))) for block in blocks)

    return score


def hears(score: Score, voice: Voice, text: str, snr_db: float) -> bool:
    """Whether the engine passes 0.5 on the beginning of `text` in pink noise, of which 1.5 s come first."""
    return _best(score, voice, text, snr_db, samples=_HEARD_SAMPLES) >= _ENOUGH


def _best(score: Score, voice: Voice, text: str, snr_db: float, *, samples: int | None = None) -> float:
    speech = say(text, voice).pcm[:samples].astype(np.float64)
    sound = np.concatenate([np.zeros(_LEAD_SAMPLES), at_level(speech, SPEECH_DBFS), np.zeros(_AFTER_SAMPLES)])
    sound += pink_noise(len(sound), SPEECH_DBFS - snr_db, np.random.default_rng(1))
    return score(_int16(sound))


def shares(score: Score, voice: Voice) -> tuple[float, float]:
    """The voice's `clean` and `noisy` of voices.yaml, measured."""

    def share(snr_db: float) -> float:
        return sum(hears(score, voice, text, snr_db) for text in REQUESTS) / len(REQUESTS)

    return share(_CLEAN_DB), share(NOISY_DB)


def recall(voices: Sequence[Voice], score: Score) -> list[Recall]:
    """Measure recall for understood voices, other voices, all voices, and by age."""
    measured = {voice.name: shares(score, voice) for voice in voices}
    groups: list[tuple[str, list[Voice]]] = [
        ("understood (chosen)", [voice for voice in voices if voice.understood]),
        ("others", [voice for voice in voices if not voice.understood]),
        ("all", list(voices)),
    ]
    groups += [(age, [voice for voice in voices if voice.sounds == age]) for age in ("child", "adult", "elderly")]
    return [
        Recall(
            group=group,
            voices=len(members),
            said=len(members) * len(REQUESTS),
            clean=float(np.mean([measured[voice.name][0] for voice in members])),
            noisy=float(np.mean([measured[voice.name][1] for voice in members])),
        )
        for group, members in groups
        if members
    ]


def first_stage(voices: Sequence[Voice], book: Phrasebook, home: Household, score: Score) -> Shares:
    """Measure first_stage.yaml anew: requests of all `voices`, other lines by every second understood one, at 15 dB."""

    def share(best: Iterable[float]) -> float:
        return round(float(np.mean([one >= _PERMISSIVE for one in best])), 3)

    speakers = [voice for voice in voices if voice.understood][::2]
    lists: dict[str, Lines] = {kind: book.false_wake.of(kind) for kind in FALSE_WAKES}
    lists |= {"distress": book.distress, "television": book.television}
    lines: dict[str, float] = {}
    kinds: dict[str, float] = {}
    for kind, templates in lists.items():
        found = []
        for template in templates:
            text = " ".join(word.text for word in fill(template, home, None, np.random.default_rng(1)) or ())
            found.append(share(_best(score, voice, text, NOISY_DB) for voice in speakers))
            if "{" not in template:
                lines[template] = found[-1]
        kinds[kind] = round(float(np.mean(found)), 3)
    return Shares(
        measured_with=f"openWakeWord 0.4.0 alexa_v0.1, best score of a sound at {NOISY_DB:g} dB",
        threshold=_PERMISSIVE,
        voices={voice.name: share(_best(score, voice, text, NOISY_DB) for text in REQUESTS) for voice in voices},
        lines=lines,
        kinds=kinds,
        sounds={name: share(score(_noise(name, at)) for at in range(_NOISES)) for name in ("pink", "dishes", "music")},
    )


def _noise(name: str, seed: int) -> np.ndarray:
    """Four seconds of a sound without words, as loud as in a scene that is noise alone."""
    rng, level = np.random.default_rng(seed), SPEECH_DBFS - _NOISE_DB
    if name == "pink":
        return _int16(pink_noise(_NOISE_SAMPLES, level, rng))
    made = {"dishes": dishes, "music": music}[name](_NOISE_SAMPLES, rng)
    return _int16(at_level(made, level) + pink_noise(_NOISE_SAMPLES, _QUIET_DBFS, rng))


def _int16(sound: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(sound, -32_768, 32_767).astype(np.int16))
