"""Finds where a clip lies in its recording when most of it is silenced, by what is left of it.

The measure is the normalised cross-correlation over the frames of the clip that are not silent: 1 where these are the
recording's own samples, whatever their level. Silenced frames say nothing, and count for nothing.
"""

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]

_HOP = 160  # 10 ms
_FAINTEST = 0.01  # of the loudest frame's RMS, under which a frame is silent
_LEAST = 10  # frames that must be left: 100 ms
_ALIKE = 0.9  # of 1


def piece_of(truth: Signal, heard: Signal) -> int | None:
    """The sample of `truth` where `heard` begins. None if too little is left, or if it is no piece of the recording."""
    left = _sounding(heard)
    if left.sum() < _LEAST * _HOP:
        return None
    size = 1 << (len(truth) + len(heard) - 1).bit_length()
    kept = np.where(left, heard, 0.0)
    matched = _slid(truth, kept, size)[: len(truth)]
    energy = _slid(truth**2, left.astype(float), size)[: len(truth)]
    alike = np.abs(matched) / np.sqrt(np.maximum(energy, 1.0) * float((kept**2).sum()))
    at = int(np.argmax(alike))
    return at if alike[at] >= _ALIKE else None


def _sounding(heard: Signal) -> npt.NDArray[np.bool_]:
    """Which samples lie in frames that are not silent."""
    frames = heard[: len(heard) - len(heard) % _HOP].reshape(-1, _HOP)
    levels = np.sqrt((frames**2).mean(axis=1)) if len(frames) else np.zeros(0)
    loud = levels > max(_FAINTEST * levels.max(initial=0.0), 0.0)
    return np.concatenate([np.repeat(loud, _HOP), np.zeros(len(heard) % _HOP, bool)])


def _slid(over: Signal, pattern: Signal, size: int) -> Signal:
    """The cross-correlation of `over` and `pattern`, by the sample where the pattern begins."""
    found: Signal = np.fft.irfft(np.fft.rfft(over, size) * np.conj(np.fft.rfft(pattern, size)), size)
    return found
