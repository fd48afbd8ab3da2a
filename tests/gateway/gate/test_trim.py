"""Where a kept clip begins and ends: never more than the pre-roll, nothing after the request."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clip import Clip
from gateway.contract.model import load_contract, parse_contract
from gateway.gate.decide import decide
from gateway.gate.trim import clip_start, request_end
from gateway.gate.wake import OpenWakeWord, Pcm
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

RATE = 16_000
VOICES = load_voices("understood")


def noisy(*parts: tuple[float, int], seed: int = 1) -> Pcm:
    """(seconds, loudness) one after the other, as noise."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(0, loud, int(seconds * RATE)) for seconds, loud in parts]).astype(np.int16)


def test_a_pause_ends_the_request_and_a_breath_does_not() -> None:
    pcm = noisy((0.5, 30), (1.0, 3_000), (0.3, 30), (1.0, 3_000), (0.9, 30), (1.0, 2_000))
    end = request_end(pcm, RATE, 700)
    assert 2.8 * RATE <= end <= 3.1 * RATE
    assert request_end(pcm, RATE, None) == len(pcm)


def test_a_pause_after_the_wake_word_is_waited_out_for_twice_as_long() -> None:
    pcm = noisy((0.5, 30), (0.5, 3_000), (1.0, 30), (1.0, 3_000), (1.0, 30))
    assert 3.0 * RATE <= request_end(pcm, RATE, 700) <= 3.3 * RATE
    gone = noisy((0.5, 30), (0.5, 3_000), (2.0, 30), (1.0, 3_000))
    assert request_end(gone, RATE, 700) < 1.4 * RATE


def test_where_speech_does_not_stand_out_nothing_is_cut() -> None:
    flat = noisy((4.0, 900))
    assert request_end(flat, RATE, 700) == len(flat)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 90_000), st.integers(0, 90_000), st.integers(200, 2_000))
def test_the_end_is_never_outside_the_clip(length: int, after: int, silence: int) -> None:
    assert 0 <= request_end(noisy((length / RATE, 500)), after, silence) <= length
    assert clip_start(after, silence) <= after


@pytest.mark.parametrize("snr_db", [25.0, 15.0])
def test_pre_roll_is_bounded_in_the_audio_and_talk_after_the_request_is_gone(snr_db: float) -> None:
    """Measured on rendered speech, whose words' places are known."""
    strict = load_contract("strict").model_dump(by_alias=True)
    strict["gate"] |= {"pre_roll_ms": 500, "end_silence_ms": 700, "verify": ()}
    contract, engine, cut = parse_contract(strict, "mine"), OpenWakeWord(), 0
    kept = 0
    for number, voice in enumerate(VOICES[:8]):
        request = tuple(Word(text=text) for text in "Alexa, play some music in the kitchen.".split())
        talk = tuple(Word(text=text) for text in "Dinner is nearly ready.".split())
        scene = Scene(
            sayings=(Saying(voice=voice, words=request), Saying(voice=voice, words=talk, gap_ms=1_100, gain_db=-4)),
            backdrop="pink",
            snr_db=snr_db,
            pre_roll_ms=1_500,
            seed=number,
        )
        sound = render(scene)
        clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=sound.pcm.tobytes(), trigger="wake")
        decision = decide(clip, contract, engine.hear(sound.pcm))
        if not decision.keep:
            continue
        kept += 1
        word, last, talked = sound.words[0], sound.words[len(request) - 1], sound.words[len(request)]
        assert word.start - decision.start_sample <= 0.5 * RATE
        assert decision.end_sample >= last.end - 0.08 * RATE
        cut += decision.end_sample <= talked.start
    assert kept >= 7
    assert cut >= kept - 1
