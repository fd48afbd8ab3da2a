"""Tells whether two microphones heard one sound, by how loud each 20 ms is in eight bands. Pure.

Total loudness is alike for all people who say the same words. The loudness of each band differs from voice to voice.
"""

import numpy as np
import numpy.typing as npt

from gateway.gate.wake import Pcm
from gateway.wire import RATE_HZ

Shape = npt.NDArray[np.float64]  # (frames, bands), dB
Places = npt.NDArray[np.int_]

_FRAME, _FFT = 320, 512
_EDGES_HZ = (100, 300, 500, 800, 1_200, 1_800, 2_600, 3_800, 6_500)
_FLOOR_DB = 3.0  # above what is quiet in a band; below lies noise
_ALIKE = 0.80  # 99 of 100 pairs of one sound in rooms at 5 to 20 dB correlate more; of other voices' 8
_MOST_LAG, _LEAST_OVERLAP, _SHARE = 100, 40, 0.7  # 2 s, 0.8 s in frames; of the shorter one


def shape(pcm: Pcm) -> Shape:
    """The level of each whole 20 ms frame in each band: (frames, 8)."""
    frames = pcm[: len(pcm) // _FRAME * _FRAME].reshape(-1, _FRAME) * np.hanning(_FRAME)
    if not len(frames):
        return np.zeros((0, len(_EDGES_HZ) - 1))
    power = np.square(np.abs(np.fft.rfft(frames, _FFT, axis=1)))
    at = np.searchsorted(np.fft.rfftfreq(_FFT, 1 / RATE_HZ), _EDGES_HZ)
    level = 10 * np.log10(np.add.reduceat(power, at, axis=1)[:, :-1] + 1.0)
    return np.asarray(np.maximum(level, np.percentile(level, 10, axis=0) + _FLOOR_DB))


def same_sound(one: Shape, other: Shape) -> bool:
    """Whether two shapes agree so well at some shift that the sound alone says it."""
    return likeness(one, other) >= _ALIKE


def likeness(one: Shape, other: Shape) -> float:
    """The best correlation at any shift, over all bands together; -1 where too little overlaps. Takes O(n log n)."""
    lags = np.arange(-min(_MOST_LAG, len(one)), min(_MOST_LAG, len(other)) + 1)
    first, last = np.maximum(0, -lags), np.minimum(len(one), len(other) - lags)
    enough = last - first >= max(_LEAST_OVERLAP, _SHARE * min(len(one), len(other)))
    if not enough.any():
        return -1.0
    lags, first, last = lags[enough], first[enough], last[enough]
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    size = len(one) + len(other)
    spectra = np.conj(np.fft.rfft(one, size, axis=0)) * np.fft.rfft(other, size, axis=0)
    together = np.fft.irfft(spectra, size, axis=0).sum(axis=1)[lags % size]
    sum_one, spread_one = _over(one, first, last)
    sum_other, spread_other = _over(other, first + lags, last + lags)
    together -= (sum_one * sum_other).sum(axis=1) / (last - first)
    scale = np.sqrt(np.maximum(spread_one * spread_other, 0.0))
    return float((together[scale > 0] / scale[scale > 0]).max(initial=-1.0))


def _over(each: Shape, first: Places, last: Places) -> tuple[Shape, npt.NDArray[np.float64]]:
    """Of the frames from `first` to `last`: their sum by band, and how far all are from their mean, squared."""
    sums = np.concatenate([np.zeros((1, each.shape[1])), np.cumsum(each, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum(np.square(each).sum(axis=1))])
    total = sums[last] - sums[first]
    return total, squares[last] - squares[first] - np.square(total).sum(axis=1) / (last - first)
