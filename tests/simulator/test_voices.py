"""Voices: the file reads strictly, and what it says of the wake engine still holds."""

import warnings
from pathlib import Path

import numpy as np
import openwakeword
import pytest
from openwakeword.model import Model

from gateway.files import BadFile
from simulator.noises import pink_noise
from simulator.scenes import SPEECH_DBFS
from simulator.speech import say
from simulator.voices import Voice, load_voices

_ENTRY = "{name: a, accent: en-us, variant: f1, pitch: 50, rate_wpm: 160, sounds: adult, clean: 1.0, noisy: 1.0}"


@pytest.fixture(scope="module")
def engine() -> Model:
    head = Path(openwakeword.__file__).parent / "resources" / "models" / "alexa_v0.1.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it asks for a GPU first
        return Model(wakeword_model_paths=[str(head)])


def _score(engine: Model, voice: Voice, text: str, snr_db: float) -> float:
    """The engine's best streaming score of `text` in pink noise, 1.5 s of which come first."""
    rng = np.random.default_rng(1)
    speech = say(text, voice).pcm.astype(np.float64)
    level = 10 ** (SPEECH_DBFS / 20) * 32_768 / np.sqrt(np.mean(speech**2))
    sound = np.concatenate([np.zeros(24_000), speech[:40_000] * level, np.zeros(8_000)])
    sound += pink_noise(len(sound), SPEECH_DBFS - snr_db, rng)
    pcm = np.clip(sound, -32_768, 32_767).astype(np.int16)
    engine.reset()
    blocks = [pcm[at : at + 1_280] for at in range(0, len(pcm) - 1_279, 1_280)]
    return max(float(next(iter(engine.predict(block).values()))) for block in blocks)


def test_there_are_enough_speakers_of_every_age() -> None:
    understood = load_voices("understood")

    assert len(understood) >= 24
    assert {voice.sounds for voice in understood} == {"child", "adult", "elderly"}
    assert len(load_voices("any")) > len(understood)


def test_the_engine_understands_those_it_is_said_to(engine: Model) -> None:
    some = load_voices("understood")[::5]

    heard = [_score(engine, voice, "Alexa, what is the weather tomorrow?", 15) >= 0.5 for voice in some]

    assert sum(heard) >= len(heard) - 1


def test_the_engine_does_not_fire_without_the_word(engine: Model) -> None:
    scores = [_score(engine, voice, "What is the weather tomorrow?", 15) for voice in load_voices("understood")[::10]]

    assert max(scores) < 0.5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"measured_with: x\nvoices: [{_ENTRY}, {_ENTRY}]", "two speakers with one name"),
        (f"measured_with: x\nvoices: [{_ENTRY.replace('f1', 'f1, tone: 3')}]", "voices.0.tone: unknown key"),
        (f"measured_with: x\nvoices: [{_ENTRY.replace('clean: 1.0', 'clean: 0.2')}]", "none is understood"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text(text)

    with pytest.raises(BadFile, match=complaint):
        load_voices("understood", path)
