"""The harness's own McAdams distortion. It distorts a true recording like the served clip.

It follows the description of VoicePrivacy's baseline B2 (Patino et al. 2021): linear prediction of order 20, 20 ms
Hann windows every 10 ms, the angles of complex poles raised to a power. It shares no code with a gateway. A mistake in
shared code would confirm itself.
"""

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]

_WINDOW, _HOP, _ORDER = 320, 160, 20
_REAL = 1e-3  # poles nearer to the real axis stay


class Distorter:
    """One recording (float, 16 kHz). It is analysed once and can be distorted with any coefficient."""

    def __init__(self, signal: Signal) -> None:
        from scipy.signal import lfilter

        self._size = len(signal)
        padded = np.concatenate([signal, np.zeros(_WINDOW)])
        count = max((len(padded) - _WINDOW) // _HOP + 1, 0)
        frames = padded[np.arange(count)[:, None] * _HOP + np.arange(_WINDOW)] * np.sqrt(np.hanning(_WINDOW))
        predictors = np.array([_predictor(frame) for frame in frames]).reshape(count, _ORDER + 1)
        self._residuals = [lfilter(a, [1.0], frame) for a, frame in zip(predictors, frames, strict=True)]
        self._poles = np.zeros((count, _ORDER), dtype=complex)  # a silent frame has none: zeros change nothing
        for row, a in zip(self._poles, predictors, strict=True):
            found = np.roots(a)
            row[: len(found)] = found

    def distorted(self, coefficient: float) -> Signal:
        """The same number of samples, not normalised."""
        from scipy.signal import lfilter

        out = np.zeros(self._size + 2 * _WINDOW)
        shape = np.sqrt(np.hanning(_WINDOW))
        filters = _moved(self._poles, coefficient)
        for at, (poles, residual) in enumerate(zip(filters, self._residuals, strict=True)):
            filtered = lfilter([1.0], poles, residual)
            out[at * _HOP : at * _HOP + _WINDOW] += filtered * shape
        return out[: self._size]


def _predictor(frame: Signal) -> Signal:
    """Linear prediction by autocorrelation, with a little white noise. Silence gives a predictor of zeros."""
    lags = np.correlate(frame, frame, "full")[_WINDOW - 1 : _WINDOW + _ORDER]
    if lags[0] <= 0:
        return np.array([1.0] + [0.0] * _ORDER)
    lags = lags / lags[0]
    lags[0] += 1e-6
    matrix = lags[np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))]
    predictor: Signal = np.concatenate([[1.0], -np.linalg.solve(matrix, lags[1:])])
    return predictor


def _moved(poles: npt.NDArray[np.complex128], coefficient: float) -> Signal:
    """The filters (frames x order + 1) whose poles (frames x order) are the moved ones."""
    angles = np.angle(poles)
    curved = np.sign(angles) * np.abs(angles) ** coefficient
    turned = np.abs(poles) * np.exp(1j * curved)
    moved = np.where(np.abs(poles.imag) > _REAL, turned, poles)
    inside = np.where(np.abs(moved) < 0.999, moved, moved / np.maximum(np.abs(moved), 1e-9) * 0.999)
    made = np.zeros((len(poles), _ORDER + 1), dtype=complex)
    made[:, 0] = 1.0
    for at, pole in enumerate(inside.T, 1):  # all frames at once: times (1 - pole / z)
        made[:, 1 : at + 1] -= pole[:, None] * made[:, :at]
    coefficients: Signal = np.ascontiguousarray(made.real)
    return coefficients
