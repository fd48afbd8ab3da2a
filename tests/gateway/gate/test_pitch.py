"""How high a voice is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.gate.decide import CHILD_HZ
from gateway.gate.pitch import pitch_hz
from gateway.gate.wake import Pcm
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import Voice, load_voices
from simulator.world.utterances import Word


def buzz(hz: float, seconds: float = 1.0, noise: float = 0.0) -> Pcm:
    """A pulse train through a resonance at 700 Hz: a voice, roughly."""
    count = int(16_000 * seconds)
    pulses = np.zeros(count)
    pulses[(np.arange(0, seconds * hz) / hz * 16_000).astype(int).clip(0, count - 1)] = 1.0
    time = np.arange(400) / 16_000
    voice = np.convolve(pulses, np.exp(-300 * time) * np.sin(2 * np.pi * 700 * time))[:count]
    rough = np.random.default_rng(1).normal(0, noise, count)
    return np.asarray((voice / np.abs(voice).max() + rough) * 8_000, np.int16)


@pytest.mark.parametrize("hz", [85.0, 120.0, 210.0, 290.0, 380.0])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_pitch_of_a_buzz_is_found(hz: float, noise: float) -> None:
    found = pitch_hz(buzz(hz, noise=noise))
    assert found is not None
    assert abs(found - hz) / hz < 0.03


def test_noise_and_silence_have_none() -> None:
    assert pitch_hz(np.random.default_rng(2).normal(0, 3_000, 16_000).astype(np.int16)) is None
    assert pitch_hz(np.zeros(16_000, np.int16)) is None


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=8_000))
def test_any_audio_has_a_pitch_in_range_or_none(raw: bytes) -> None:
    found = pitch_hz(np.frombuffer(raw[: len(raw) // 2 * 2], np.int16))
    assert found is None or 30 <= found <= 500


@pytest.mark.parametrize("hz", [120.0, 290.0])
def test_a_voice_under_much_noise_has_its_pitch_or_none(hz: float) -> None:
    for noise in (0.1, 0.2, 0.4, 0.8):
        found = pitch_hz(buzz(hz, noise=noise))
        assert found is None or abs(found - hz) / hz < 0.03
    assert pitch_hz(buzz(hz, noise=0.1)) is not None
    assert pitch_hz(buzz(hz, noise=0.8)) is None


@pytest.mark.parametrize("offset", [-20_000, 2_000, 20_000])
def test_a_steady_offset_is_no_voice_and_hides_none(offset: int) -> None:
    voice = pitch_hz(buzz(210.0) + np.int16(offset))
    assert voice is not None
    assert abs(voice - 210) < 6
    hiss = np.random.default_rng(2).normal(0, 300, 16_000)
    assert pitch_hz(np.asarray(hiss + offset, np.int16)) is None
    assert pitch_hz(np.full(16_000, offset, np.int16)) is None


@pytest.mark.parametrize(("frames", "told"), [(1, False), (7, False), (8, True)])
def test_fewer_than_eight_frames_tell_nothing(frames: int, told: bool) -> None:
    samples = 768 + 320 * (frames - 1)
    assert (pitch_hz(buzz(210.0)[:samples]) is not None) is told


@pytest.mark.parametrize(("frames", "told"), [(5, False), (12, True)])
def test_a_short_voice_before_loud_noise_tells_nothing(frames: int, told: bool) -> None:
    hiss = np.random.default_rng(4).normal(0, 3_000, 16_000).astype(np.int16)
    voice = buzz(210.0)[: 768 + 320 * (frames - 1)]
    assert (pitch_hz(np.concatenate([voice, hiss])) is not None) is told


def dropped(voice: Voice, snr_db: float) -> bool:
    """What the contract's rule does with one request of this speaker."""
    words = tuple(Word(text=word) for word in "Alexa, play some music in the kitchen.".split())
    found = pitch_hz(
        render(Scene(sayings=(Saying(voice=voice, words=words),), backdrop="pink", snr_db=snr_db, seed=1)).pcm
    )
    return found is None or found >= CHILD_HZ


@pytest.mark.parametrize(("snr_db", "falsely"), [(20.0, 0.10), (10.0, 0.12)])
def test_the_rule_catches_the_simulators_children_and_few_of_its_adults(snr_db: float, falsely: float) -> None:
    """None of these voices was used to choose the bound; real children speak lower now and then, and women higher."""
    children = [voice for voice in load_voices("any") if voice.sounds == "child"]
    adults = [voice for voice in load_voices("any") if voice.sounds != "child"]
    caught = sum(dropped(voice, snr_db) for voice in children)
    lost = sum(dropped(voice, snr_db) for voice in adults)
    print(f"children: {snr_db:g} dB: {caught} of {len(children)} children caught, {lost} of {len(adults)} adults lost")  # noqa: T201
    assert caught >= 0.95 * len(children)
    assert lost <= falsely * len(adults)
