"""Whom a real wake engine hears: recall on the voices chosen because it hears them, and on all the others."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simulator.noises import at_level, pink_noise
from simulator.scenes import SPEECH_DBFS
from simulator.speech import say
from simulator.voices import Voice

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

Score = Callable[[np.ndarray], float]


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """How many of `said` wake words were heard, over a group of voices."""

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
    """Whether the engine passes 0.5 on `text` in pink noise, of which 1.5 s come first."""
    speech = say(text, voice).pcm[:_HEARD_SAMPLES].astype(np.float64)
    sound = np.concatenate([np.zeros(_LEAD_SAMPLES), at_level(speech, SPEECH_DBFS), np.zeros(_AFTER_SAMPLES)])
    sound += pink_noise(len(sound), SPEECH_DBFS - snr_db, np.random.default_rng(1))
    return score(np.clip(sound, -32_768, 32_767).astype(np.int16)) >= _ENOUGH


def shares(score: Score, voice: Voice) -> tuple[float, float]:
    """The voice's `clean` and `noisy` of voices.yaml, measured."""

    def share(snr_db: float) -> float:
        return sum(hears(score, voice, text, snr_db) for text in REQUESTS) / len(REQUESTS)

    return share(_CLEAN_DB), share(NOISY_DB)


def recall(voices: Sequence[Voice], score: Score) -> list[Recall]:
    """Measured anew for the understood, the others, all, and by age: choosing by the metric must not hide it."""
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
