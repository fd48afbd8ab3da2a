"""The neural voice: words lie where they are said to lie, the same words sound the same, and the gate hears it."""

import importlib.util
from collections.abc import Callable

import numpy as np
import pytest

from gateway.clip import Clip
from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.gate.decide import decide, to_score
from gateway.gate.verify import load_verifier
from gateway.gate.wake import OpenWakeWord
from scenarios.model.fleet import Cohort, Fleet
from scenarios.model.fleet_faults import fleet_faults
from simulator.plan.settings import FleetSettings
from simulator.plan.talk import spoken_by
from simulator.sound import voices as voices_file
from simulator.sound.recordings import Take, play
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.speech import Speech, SpeechError, say
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

JOE, *OTHERS = load_voices("neural")
LINE = "Alexa, send a message to Laura. The number is five four one, oh two."


@pytest.fixture(scope="module")
def speech() -> Speech:
    return say(LINE, JOE)


def outside(speech: Speech, late: int = 0) -> float:
    """Share of the energy that lies outside the words, if they are `late` samples later."""
    energy = np.square(speech.pcm, dtype=np.float64)
    inside = np.zeros(len(energy), bool)
    for word in speech.words:
        inside[word.start + late : word.end + late] = True
    return float(energy[~inside].sum() / energy.sum())


def test_the_energy_lies_inside_the_words(speech: Speech) -> None:
    assert outside(speech) < 0.005
    assert outside(speech, late=800) > 0.05


def test_every_word_is_there_in_order_and_a_pause_belongs_to_none(speech: Speech) -> None:
    assert [word.text for word in speech.words] == LINE.split()
    assert all(a.end <= b.start for a, b in zip(speech.words, speech.words[1:], strict=False))
    assert all(word.start < word.end <= len(speech.pcm) for word in speech.words)
    pauses = [b.start - a.end > 1_000 for a, b in zip(speech.words, speech.words[1:], strict=False)]
    assert [word.text for word, pause in zip(speech.words, pauses, strict=False) if pause] == [
        word for word in LINE.split()[:-1] if word[-1] in ",."
    ]


def test_the_same_text_and_voice_give_the_same_samples(speech: Speech) -> None:
    assert np.array_equal(say(LINE, JOE).pcm, speech.pcm)
    assert not np.array_equal(say("stop", JOE).pcm, say("stop", JOE.model_copy(update={"name": "other"})).pcm)


def test_an_independent_aligner_finds_the_words_at_the_same_places(tmp_path_factory: pytest.TempPathFactory) -> None:
    import soundfile

    text = "what is the weather like tomorrow morning in the city"
    said, path = say(text, JOE), tmp_path_factory.mktemp("takes") / "a.wav"
    soundfile.write(path, said.pcm, 16_000)
    found = play(Take(path=str(path), text=text)).words
    assert len(found) == len(said.words)
    assert np.median([abs(a.start - b.start) for a, b in zip(found, said.words, strict=True)]) < 800


@pytest.mark.parametrize(
    ("text", "longest"),
    [("a library of the town", "library"), ("it is 2019 now", "2019"), ("we meet at 22 Oak St. at noon", "22")],
)
def test_words_that_espeak_joins_or_parts_keep_their_places(text: str, longest: str) -> None:
    words = say(text, JOE).words
    assert [word.text for word in words] == text.split()
    assert all(word.start < word.end for word in words)
    assert max(words, key=lambda word: word.end - word.start).text == longest


def test_rate_changes_the_length_and_pitch_the_pitch() -> None:
    usual = say("Laura", JOE)
    slow = say("Laura", JOE.model_copy(update={"rate_wpm": 100}))
    low = say("Laura", JOE.model_copy(update={"pitch": 0}))
    assert len(slow.pcm) > 1.4 * len(usual.pcm)
    assert len(low.pcm) == pytest.approx(len(usual.pcm), rel=0.15)
    assert centre(low) < 0.93 * centre(usual)


def centre(speech: Speech) -> float:
    power = np.abs(np.fft.rfft(speech.pcm)) ** 2
    hz = np.fft.rfftfreq(len(speech.pcm), 1 / 16_000)
    return float((power * hz).sum() / power.sum())


def test_the_gate_hears_it() -> None:
    engine, strict, verifier, kept = OpenWakeWord(), load_contract("strict"), load_verifier(), []
    for number, voice in enumerate([JOE, *OTHERS[:2]]):
        words = tuple(Word(text=word) for word in "Alexa, play some music in the kitchen.".split())
        said = Saying(voice=voice, words=words)
        sound = render(Scene(sayings=(said,), backdrop="pink", snr_db=20, pre_roll_ms=1_500, seed=number))
        clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=sound.pcm.astype("<i2").tobytes(), trigger="wake")
        decision = decide(clip, strict, engine.hear(to_score(clip, strict)), verifier)
        kept.append(decision.keep)
        assert not decision.keep or decision.start_sample < sound.words[0].start + 3_200 < decision.end_sample
    assert sum(kept) >= 2


def test_a_scenario_chooses_it_for_a_cohort() -> None:
    mixed = (Cohort(name="usual", share=0.5), Cohort(name="neural", share=0.5, voices="neural"))
    assert list(fleet_faults(Fleet(cohorts=mixed))) == []
    british = Fleet(voices="neural", accents=("en-gb-scotland",))
    assert [at for at, _ in fleet_faults(british)] == [("fleet", "accents", 0)]
    assert {voice.maker for voice in spoken_by(FleetSettings(seed=1, voices="neural"))} == {"piper"}
    assert {voice.maker for voice in spoken_by(FleetSettings(seed=1, voices="any"))} == {"espeak-ng"}


def test_without_the_wheel_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    there: Callable[[str], object] = importlib.util.find_spec
    monkeypatch.setattr(voices_file, "find_spec", lambda name: None if "piper" in name else there(name))
    load_voices.cache_clear()
    with pytest.raises(BadFile, match=r"voices: neural: .* pip install 'earlid\[voices\]'"):
        load_voices("neural")
    assert [(at, why.split(":")[0]) for at, why in fleet_faults(Fleet(voices="neural"))] == [
        (("fleet", "voices"), "neural")
    ]


@pytest.mark.parametrize(
    ("change", "text", "why"),
    [({"variant": "nobody"}, "stop", "no speaker nobody"), ({}, "–", "no sound"), ({}, " ", "nothing")],
)
def test_what_cannot_be_said_is_one_line(change: dict[str, str], text: str, why: str) -> None:
    with pytest.raises(SpeechError, match=why):
        say(text, JOE.model_copy(update=change))
