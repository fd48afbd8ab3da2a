"""Measures how high a voice is, for the contract's rule on children's speech. Pure.

The method is autocorrelation over 48 ms frames; the pitch is the lag of the first strong peak (de Cheveigne and
Kawahara, JASA 111:1917, 2002, without their interpolation). A high voice need not be a child's: the rule errs towards
dropping.
"""

import numpy as np

from gateway.gate.wake import Pcm
from gateway.wire import RATE_HZ

_FRAME, _HOP = 768, 320
_LOW_HZ, _HIGH_HZ = 75, 500
_VOICED, _NEARLY = 0.55, 0.88
_QUIETER_DB = 25.0  # frames so far below the loudest are not the speaker
_LEAST_FRAMES = 8


def pitch_hz(pcm: Pcm) -> float | None:
    """The median fundamental frequency of the voiced frames in Hz. None if there are too few of them."""
    if len(pcm) < _FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(pcm.astype(np.float32), _FRAME)[::_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.square(frames).mean(axis=1)
    frames = frames[power > power.max() * 10 ** (-_QUIETER_DB / 10)] if power.max() > 0 else frames[:0]
    if len(frames) < _LEAST_FRAMES:
        return None
    spectrum = np.fft.rfft(frames, 2 * _FRAME, axis=1)
    lags = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :_FRAME]
    shrinking = np.arange(_FRAME, 0, -1, dtype=np.float32) / _FRAME  # fewer samples overlap at longer lags
    likeness = lags / (lags[:, :1] + 1e-9) / shrinking
    first, last = RATE_HZ // _HIGH_HZ, RATE_HZ // _LOW_HZ
    searched = likeness[:, first : last + 1]
    best = searched.max(axis=1)
    voiced = best >= _VOICED
    if int(voiced.sum()) < _LEAST_FRAMES:
        return None
    # the shortest lag nearly as good as the best: longer ones are its multiples
    rising = (searched[:, 1:-1] >= searched[:, :-2]) & (searched[:, 1:-1] >= searched[:, 2:])
    peaks = rising & (searched[:, 1:-1] >= _NEARLY * best[:, None])
    lag = np.where(peaks.any(axis=1), peaks.argmax(axis=1) + 1, searched.argmax(axis=1)) + first
    return float(RATE_HZ / np.median(lag[voiced]))
