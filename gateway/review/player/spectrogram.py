"""The redacted audio as a picture: time from left to right, 0 to 8 kHz upwards, louder is lighter."""

import io
import wave

import numpy as np
import numpy.typing as npt
from PIL import Image

_WINDOW = 512
_COLUMNS = 480
_ROWS = 128
_RANGE_DB = 70.0


def spectrogram_png(wav: bytes) -> bytes:
    """An 8-bit grey PNG of 480 x 128 dots. Silence is black, as are masked words."""
    with wave.open(io.BytesIO(wav)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64)
    return _png(_levels(pcm))


def _levels(pcm: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    padded = np.pad(pcm, (0, max(0, _WINDOW - len(pcm))))
    starts = np.linspace(0, len(padded) - _WINDOW, _COLUMNS).astype(int)
    frames = padded[starts[:, None] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1))[:, 1:].reshape(_COLUMNS, _ROWS, -1).max(axis=2)
    level = 20 * np.log10(np.maximum(power, 1.0))
    scaled = np.clip((level - level.max() + _RANGE_DB) / _RANGE_DB, 0, 1) * 255
    shown = np.where(power <= 1.0, 0, scaled).T[::-1]
    return np.ascontiguousarray(shown.astype(np.uint8))


def _png(levels: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG")
    return file.getvalue()
