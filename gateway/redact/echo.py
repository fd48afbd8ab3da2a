"""Does the room answer? Whether sound goes on behind words, heard where nobody speaks.

A dry clip falls to its own noise with the last sound of a word; in a room it takes longer. What rings is covered
behind a masked word even where the next word has begun. Only pauses tell: a clip without one is taken to ring.
"""

from collections.abc import Sequence

import numpy as np

from gateway.redact.align import WordTime
from gateway.redact.audio import samples_at
from gateway.wire import RATE_HZ, AsrToken

_FRAME = RATE_HZ // 100
_PAUSE = 150 * RATE_HZ // 1000  # shorter gaps may be a stop consonant's closure
_NOISE_PERCENTILE = 10  # frames quieter than nine tenths of the clip are the room's noise
_ABOVE_NOISE = 10 ** (3 / 20)


def rings(pcm: bytes, tokens: Sequence[AsrToken], aligned: Sequence[WordTime]) -> bool:
    """Whether behind any word before a pause sound is still 3 dB over the noise; True when there is no pause.

    `pcm` is int16 mono at 16 kHz; `aligned` has one time per token, and the later of both words' ends counts.

    Raises:
        UntrustedTimes: a time that is no number, or beyond the longest clip.
    """
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    frames = len(sound) // _FRAME
    if not frames:
        return True
    level = np.sqrt(np.mean(sound[: frames * _FRAME].reshape(frames, _FRAME) ** 2, axis=1))
    quiet = float(np.percentile(level, _NOISE_PERCENTILE)) * _ABOVE_NOISE
    ends = [max(samples_at(token.time.end), time.end) for token, time in zip(tokens, aligned, strict=True)]
    starts = [min(samples_at(token.time.start), time.start) for token, time in zip(tokens, aligned, strict=True)]
    behind = [
        float(level[min(-(-end // _FRAME), frames - 1)])
        for end, next_start in zip(ends, [*starts[1:], len(sound)], strict=True)
        if next_start - end >= _PAUSE
    ]
    return not behind or max(behind) > quiet
