"""Sounds without words: pink noise, dishes, something like music. Float samples at int16 scale, seeded."""

import numpy as np

from gateway.wire import RATE_HZ

_FULL_SCALE = 32_768.0
_CHORDS = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6), (164.8, 207.7, 246.9))


def pink_noise(samples: int, dbfs: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of equal power per octave above 20 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    pitch = np.fft.rfftfreq(samples, 1 / RATE_HZ)
    spectrum *= np.where(pitch < 20, 0.0, 1 / np.sqrt(np.maximum(pitch, 20)))
    return at_level(np.fft.irfft(spectrum, samples), dbfs)


def dishes(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Clinks of dishes: about three a second, each of a few damped partials between 1.5 and 7 kHz."""
    sound = np.zeros(samples)
    for begin in rng.integers(samples, size=max(1, int(rng.poisson(3 * samples / RATE_HZ)))):
        time = np.arange(min(samples - int(begin), RATE_HZ // 4)) / RATE_HZ
        for pitch in rng.uniform(1_500, 7_000, size=4):
            ring = np.exp(-time * rng.uniform(25, 90)) * np.sin(2 * np.pi * pitch * time)
            sound[begin : begin + len(time)] += rng.uniform(0.2, 1.0) * ring
    return sound


def music(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Chords of a few harmonics, one every half second, with a beat."""
    sound, beat = np.zeros(samples), RATE_HZ // 2
    for begin in range(0, samples, beat):
        time = np.arange(min(beat, samples - begin)) / RATE_HZ
        for pitch in _CHORDS[int(rng.integers(len(_CHORDS)))]:
            for harmonic in range(1, 6):
                sound[begin : begin + len(time)] += np.sin(2 * np.pi * pitch * harmonic * time) / harmonic
        sound[begin : begin + len(time)] *= np.exp(-3 * time)
        knock = rng.standard_normal(len(time)) * np.exp(-60 * time)
        sound[begin : begin + len(time)] += 2 * knock
    return sound


def at_level(signal: np.ndarray, dbfs: float) -> np.ndarray:
    """`signal` scaled to an RMS of `dbfs`; silence stays silent."""
    return np.asarray(signal * (10 ** (dbfs / 20) * _FULL_SCALE / max(rms(signal), 1e-12)))


def rms(signal: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64)))) if len(signal) else 0.0
