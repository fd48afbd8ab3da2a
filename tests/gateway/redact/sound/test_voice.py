"""Distortion keeps length, loudness and silence, moves the formants, and is new for every clip."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from gateway.redact.sound.voice import distort, random_coefficient


def vowel(formant_hz: float, samples: int = 16_000) -> np.ndarray:
    """A buzz at 120 Hz through one resonance."""
    buzz = np.zeros(samples)
    buzz[::133] = 1.0
    radius, angle = 0.97, 2 * np.pi * formant_hz / 16_000
    sound = lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], buzz)
    return (sound / np.abs(sound).max() * 12_000).astype(np.int16)


def loudest_hz(sound: np.ndarray) -> float:
    """The centre of gravity of the strongest kilohertz."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    smooth = np.convolve(power, np.ones(300), "same")
    return float(np.argmax(smooth)) * 16_000 / len(sound)


def test_a_formant_moves_and_the_loudness_stays() -> None:
    sound = vowel(2_000)
    made = np.frombuffer(distort(sound.tobytes(), 0.6), np.int16)
    # 2 kHz is 0.785 rad; raised to the power of 0.6 that is 0.865 rad, 2.2 kHz
    assert 2_120 < loudest_hz(made) < 2_350
    assert 1_900 < loudest_hz(sound) < 2_100
    assert abs(20 * np.log10(made.astype(float).std() / sound.astype(float).std())) < 1.5


def test_silence_stays_silent() -> None:
    sound = vowel(1_000)
    sound[4_000:8_000] = 0
    made = np.frombuffer(distort(sound.tobytes(), 0.8), np.int16)
    assert not made[4_320:7_680].any()
    assert made[:4_000].any()
    assert not any(distort(bytes(3_200), 0.7))


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=4_001), st.floats(0.5, 0.9))
def test_any_bytes_keep_their_sample_count(pcm: bytes, coefficient: float) -> None:
    assert len(distort(pcm, coefficient)) == len(pcm) // 2 * 2


def test_every_clip_draws_its_own_coefficient() -> None:
    drawn = [random_coefficient() for _ in range(200)]
    assert len(set(drawn)) == 200
    assert 0.5 <= min(drawn) < 0.55
    assert 0.85 < max(drawn) <= 0.9
