"""Turns the bytes of a kept sound into int16 mono PCM at 16 kHz, to be compared with what was sent."""

import io
import struct
import wave
from math import gcd

import numpy as np
import numpy.typing as npt

from scenarios.model.targets.kept import Audio

Pcm = npt.NDArray[np.int16]

RATE_HZ = 16_000
_LONGEST_S = 600


def samples_of(data: bytes, how: Audio) -> Pcm | None:
    """The samples. None if the bytes are no such sound, are longer than ten minutes, or hold nothing."""
    try:
        rate, channels, width, frames = _wave(data) if how.format == "wav" else (how.rate_hz, 1, 2, data)
    except (wave.Error, EOFError, ValueError, RuntimeError, struct.error):  # what `wave` raises on damage
        return None
    step = width * channels
    frames = frames[: len(frames) - len(frames) % step]
    if not frames or len(frames) > _LONGEST_S * rate * step:
        return None
    sound = _wide(frames, width).reshape(-1, channels).mean(axis=1)
    if rate != RATE_HZ:
        from scipy.signal import resample_poly

        part = gcd(RATE_HZ, rate)
        sound = resample_poly(sound, RATE_HZ // part, rate // part)
    made: Pcm = np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
    return made


def _wave(data: bytes) -> tuple[int, int, int, bytes]:
    """Rate in Hz, number of channels, bytes of a sample, and the samples. Raises what `wave` raises on damage, and
    ValueError."""
    with wave.open(io.BytesIO(data)) as sound:
        rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
        if width not in (1, 2, 3, 4) or not channels or not 1_000 <= rate <= 192_000:
            raise ValueError("not a sound of this kind")
        return rate, channels, width, sound.readframes(sound.getnframes())


def _wide(frames: bytes, width: int) -> npt.NDArray[np.float64]:
    """Samples of any width on the scale of 16 bits (little endian; 8-bit samples are unsigned)."""
    if width == 1:
        return (np.frombuffer(frames, np.uint8).astype(float) - 128) * 256
    if width == 3:
        each = np.frombuffer(frames, np.uint8).reshape(-1, 3).astype(np.int32)
        return ((each[:, 0] << 8 | each[:, 1] << 16 | each[:, 2] << 24) >> 16).astype(float)
    kind = np.dtype("<i2") if width == 2 else np.dtype("<i4")
    return np.frombuffer(frames, kind).astype(float) / (1 if width == 2 else 65_536)
