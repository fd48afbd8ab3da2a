"""Measures how long sound rings after a word, from the clip's own pauses.

In a dry clip the level falls to the noise at the end of a word. In a room it takes longer. The echo after a masked word
is covered, even if the next word has begun. Noise hides the end of an echo that a listener may still hear, so the
measured time is multiplied by `BEYOND`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gateway.redact.sound.align import WordTime
from gateway.redact.sound.masking import samples_at
from gateway.wire import RATE_HZ, AsrToken

BEYOND = 3  # times as long as it is heard over the noise
_FRAME = RATE_HZ // 100
_PAUSE = 150 * RATE_HZ // 1000  # shorter gaps may be a stop consonant's closure
_NOISE_PERCENTILE = 10  # frames quieter than nine tenths of the clip are the room's noise
_ABOVE_NOISE = 10 ** (3 / 20)
_HIDES = 10 ** (8 / 20)  # noise this much below the usual level of words: speech at 10 dB, and hardly any at 15
_LEAST_HIDDEN = 2  # frames that an echo is taken to last in such noise, where pauses show less


def echo_ms(pcm: bytes, tokens: Sequence[AsrToken], aligned: Sequence[WordTime]) -> int | None:
    """How long sound stays 3 dB over the noise behind words before pauses, in ms. None without a pause.

    `pcm` is int16 mono at 16 kHz. `aligned` has one time for each token. A word ends at the later of both ends. The
    longest echo counts. In loud noise a pause proves little: it takes at least 20 ms.

    Raises:
        UntrustedTimes: a time that is no number, or beyond the longest clip.
    """
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    frames = len(sound) // _FRAME
    if not frames:
        return None
    level = np.sqrt(np.mean(sound[: frames * _FRAME].reshape(frames, _FRAME) ** 2, axis=1))
    quiet = float(np.percentile(level, _NOISE_PERCENTILE)) * _ABOVE_NOISE
    ends = [max(samples_at(token.time.end), time.end) for token, time in zip(tokens, aligned, strict=True)]
    starts = [min(samples_at(token.time.start), time.start) for token, time in zip(tokens, aligned, strict=True)]
    behind = [
        _falls(level[-(-end // _FRAME) : next_start // _FRAME], quiet)
        for end, next_start in zip(ends, [*starts[1:], len(sound)], strict=True)
        if next_start - end >= _PAUSE
    ]
    if not behind:
        return None
    return 10 * max(*behind, _LEAST_HIDDEN if _spoken(level, tokens, aligned) < quiet * _HIDES else 0)


def _spoken(level: npt.NDArray[np.float64], tokens: Sequence[AsrToken], aligned: Sequence[WordTime]) -> float:
    """The usual level of words, where both times have one. Their edges may lie in pauses."""
    both = [
        level[
            max(samples_at(token.time.start), time.start) // _FRAME : min(samples_at(token.time.end), time.end)
            // _FRAME
        ]
        for token, time in zip(tokens, aligned, strict=True)
    ]
    frames = np.concatenate(both)
    return float(np.median(frames)) if len(frames) else 0.0


def _falls(level: npt.NDArray[np.float64], quiet: float) -> int:
    """The first quiet frame of a pause, or the number of its frames if none is quiet."""
    return int(np.argmax(level <= quiet)) if (level <= quiet).any() else len(level)
