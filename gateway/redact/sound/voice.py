"""Distorts the speaker's voice by McAdams' coefficient. Secret words were removed before.

The poles of each frame's linear prediction are turned by one random coefficient for the clip. This moves the formants
and keeps the pitch. Source: J. Patino et al. 2021, the VoicePrivacy challenge's baseline B2 (order 20, 20 ms windows,
10 ms hop, coefficient uniform in 0.5..0.9). It is a distortion and gives no anonymity. An attacker who trains on
distorted speech links clips of one speaker again. The pitch alone tells much.
"""

import secrets

import numpy as np
import numpy.typing as npt

from gateway.wire import RATE_HZ

_ORDER = 20
_WINDOW = RATE_HZ * 20 // 1000
_HOP = _WINDOW // 2
_LEAST, _MOST = 0.5, 0.9
_CHUNK = 1_000  # frames at a time: bounds memory, 10 s of sound
_REAL = 1e-6
_MOST_RADIUS = 0.995  # a turned pole this near the circle would ring

Frames = npt.NDArray[np.float64]


def random_coefficient() -> float:
    """Uniform in 0.5..0.9, from the system's secret randomness. A value derived from an id could be computed again."""
    return _LEAST + (_MOST - _LEAST) * secrets.randbelow(2**32) / 2**32


def distort(pcm: bytes, coefficient: float) -> bytes:
    """`pcm` (int16 mono, 16 kHz) in another voice. The number of samples stays; half a sample at the end is dropped.

    Digital silence stays silent, except for half a window at its edges. The loudness stays, unless peaks would be cut
    off.
    """
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    if not sound.any():
        return sound.astype(np.int16).tobytes()
    padded = np.concatenate([np.zeros(_HOP), sound, np.zeros(_HOP + _WINDOW - len(sound) % _HOP)])
    count = (len(padded) - _WINDOW) // _HOP + 1
    window = np.sin(np.pi * (np.arange(_WINDOW) + 0.5) / _WINDOW)
    made = np.zeros_like(padded)
    for first in range(0, count, _CHUNK):
        starts = np.arange(first, min(count, first + _CHUNK)) * _HOP
        turned = _turned(padded[starts[:, None] + np.arange(_WINDOW)] * window, coefficient) * window
        for start, frame in zip(starts, turned, strict=True):
            made[start : start + _WINDOW] += frame
    return _levelled(made[_HOP : _HOP + len(sound)], sound)


def _turned(frames: Frames, coefficient: float) -> Frames:
    """Each frame's excitation through its own filter with the poles' angles raised to `coefficient`."""
    heard = np.flatnonzero(np.abs(frames).max(axis=1) > 1.0)
    made = np.zeros_like(frames)
    if len(heard):
        filters = _prediction(frames[heard])
        made[heard] = _synthesis(_excitation(frames[heard], filters), _moved(filters, coefficient))
    return made


def _prediction(frames: Frames) -> Frames:
    """Linear prediction by autocorrelation: coefficients 1, a1..a20 of each frame."""
    spectrum = np.fft.rfft(frames, 2 * _WINDOW, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : _ORDER + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + 1e-6) + 1.0
    lags = np.abs(np.arange(_ORDER)[:, None] - np.arange(_ORDER))
    solved = np.linalg.solve(correlation[:, lags], -correlation[:, 1:, None])[..., 0]
    return np.concatenate([np.ones((len(frames), 1)), solved], axis=1)


def _moved(filters: Frames, coefficient: float) -> Frames:
    """The same filters with their complex poles at angle ** coefficient (radians)."""
    companion = np.zeros((len(filters), _ORDER, _ORDER))
    companion[:, 1:, :-1] = np.eye(_ORDER - 1)
    companion[:, 0, :] = -filters[:, 1:]
    poles = np.linalg.eigvals(companion)
    angle, radius = np.angle(poles), np.minimum(np.abs(poles), _MOST_RADIUS)
    complex_ = np.abs(poles.imag) > _REAL
    angle = np.where(complex_, np.sign(angle) * np.minimum(np.abs(angle) ** coefficient, np.pi - 1e-3), angle)
    poles = radius * np.exp(1j * angle)
    polynomial = np.zeros((len(filters), _ORDER + 1), complex)
    polynomial[:, 0] = 1.0
    for at in range(_ORDER):
        polynomial[:, 1:] = polynomial[:, 1:] - poles[:, at : at + 1] * polynomial[:, :-1]
    return np.asarray(polynomial.real)


def _excitation(frames: Frames, filters: Frames) -> Frames:
    made = frames.copy()
    for lag in range(1, _ORDER + 1):
        made[:, lag:] += filters[:, lag : lag + 1] * frames[:, :-lag]
    return made


def _synthesis(excitation: Frames, filters: Frames) -> Frames:
    """All frames' recursive filters side by side, one sample after the other."""
    made = np.zeros((len(excitation), _ORDER + _WINDOW))
    backwards = filters[:, :0:-1]
    for at in range(_WINDOW):
        past = made[:, at : at + _ORDER]
        made[:, at + _ORDER] = excitation[:, at] - np.einsum("ij,ij->i", backwards, past)
    return made[:, _ORDER:]


def _levelled(made: Frames, sound: Frames) -> bytes:
    energy = float(np.sqrt(np.mean(made**2)))
    factor = float(np.sqrt(np.mean(sound**2))) / energy if energy > 0 else 0.0
    peak = float(np.abs(made).max()) * factor
    factor = min(factor, factor * 32_000 / peak) if peak > 0 else 0.0
    return np.rint(np.clip(made * factor, -32_768, 32_767)).astype(np.int16).tobytes()
