"""Voices: the file reads strictly, and what it says of the wake engine still holds."""

from pathlib import Path

import numpy as np
import pytest

from gateway.files import BadFile
from simulator.commands.recall import NOISY_DB, REQUESTS, Score, engine, hears, recall
from simulator.sound.speech import say
from simulator.sound.voices import load_voices

_ENTRY = "{name: a, accent: en-us, variant: f1, pitch: 50, rate_wpm: 160, sounds: adult, clean: 1.0, noisy: 1.0}"


@pytest.fixture(scope="module")
def score() -> Score:
    return engine()


def test_there_are_enough_speakers_of_every_age() -> None:
    understood = load_voices("understood")

    assert len(understood) >= 24
    assert len(load_voices("any")) >= 60
    assert {voice.sounds for voice in understood} == {"child", "adult", "elderly"}
    assert len(load_voices("any")) > len(understood)


def test_children_speak_as_high_as_children_do() -> None:
    """250 to 400 Hz; by the strongest repetition of a vowel, since the gateway's own measure is what this is for."""
    for voice in (each for each in load_voices("any") if each.sounds == "child"):
        pcm = say("Laura", voice).pcm.astype(float)
        loud = int(np.argmax(np.convolve(np.square(pcm), np.ones(1_600), "valid")))
        vowel = pcm[loud : loud + 1_600]
        alike = np.correlate(vowel, vowel, "full")[len(vowel) :]
        lag = 1 + 31 + int(alike[31:160].argmax())
        assert 16_000 / lag > 235, voice.name


def test_the_engine_understands_those_it_is_said_to(score: Score) -> None:
    some = load_voices("understood")[::5]

    heard = [hears(score, voice, REQUESTS[0], NOISY_DB) for voice in some]

    assert sum(heard) >= len(heard) - 1


def test_the_engine_does_not_fire_without_the_word(score: Score) -> None:
    some = load_voices("understood")[::10]

    assert not any(hears(score, voice, REQUESTS[0].removeprefix("Alexa, "), NOISY_DB) for voice in some)


def test_recall_is_told_for_those_chosen_by_it_and_for_the_others() -> None:
    chosen, others = load_voices("understood")[:2], [v for v in load_voices("any") if not v.understood][:1]
    heard = iter([1.0] * 20 + [0.9] * 5 + [0.2] * 5)  # two are heard always, the third when it is quiet

    rows = {row.group: row for row in recall([*chosen, *others], lambda _pcm: next(heard))}

    assert (rows["understood (chosen)"].clean, rows["understood (chosen)"].noisy) == (1.0, 1.0)
    assert (rows["others"].clean, rows["others"].noisy) == (1.0, 0.0)
    assert rows["all"].noisy == pytest.approx(2 / 3)
    assert rows["all"].said == 15


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
