"""Tells how long a word can be heard in a room: until its echo is far below everything else. Pure."""

import numpy as np

from gateway.wire import RATE_HZ

COVERED_DB = 15.0  # below everything else: half of a sentence is understood at 7 dB below noise (Plomp and Mimpen 1979)
_FRAME, _HOP = RATE_HZ * 25 // 1000, RATE_HZ // 100


def heard_until(own: np.ndarray, mixed: np.ndarray, *, end: int, longest: int) -> int:
    """The sample up to which a word that ends at `end` is heard: at most `longest` samples more.

    `own` is its sound and echo alone, `mixed` everything, both in samples from the same moment and of one scale.
    """
    last = min(end + longest, len(mixed))
    frames = [at for at in range(max(0, end), last, _HOP) if _level(own, at) >= _level(mixed - own, at) - COVERED_DB]
    return min(frames[-1] + _FRAME, last) if frames else min(end, last)


def _level(sound: np.ndarray, at: int) -> float:
    """The level of 25 ms in dB. Digital silence is as quiet as one step of a sample."""
    part = sound[at : at + _FRAME]
    return float(10 * np.log10(np.mean(np.square(part)) + 1.0)) if len(part) else 0.0
