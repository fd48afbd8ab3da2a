"""Finds the first and last sample of a kept clip. Pure.

Nothing from before the pre-roll is kept, and nothing from after the request. Speech behind a pause was not meant for
the device.
"""

import numpy as np
import numpy.typing as npt

from gateway.gate.wake import Pcm
from gateway.wire import RATE_HZ

# The score crosses the threshold 361 ms or more after the word's first sound (237 words of 90 synthetic voices,
# median 436): reaching back so far and no further, never more than the pre-roll lies before the word.
WORD_SAMPLES = 360 * RATE_HZ // 1000

_FRAME = 320  # 20 ms
_LEAST_RANGE_DB = 9.0  # less between quiet and loud: nobody can say where speech ends
_SPEECH_SHARE, _SPEECH_DB = 0.35, 6.0  # speech begins so far up from the quiet level
_STARTED = 15  # frames of speech after the wake word that make a request: 0.3 s, as Home Assistant's segmenter
_KEPT_AFTER = 10  # frames of the pause that stay


def clip_start(heard_at: int, pre_roll_ms: int) -> int:
    """The first sample to keep if the wake word was heard at sample `heard_at`."""
    return max(0, heard_at - WORD_SAMPLES - pre_roll_ms * RATE_HZ // 1000)


def request_end(pcm: Pcm, after: int, silence_ms: int | None) -> int:
    """The sample after the request's last one: where `silence_ms` without speech begins, some time after `after`.

    A request starts with 0.3 s of speech. Before that, twice the pause is allowed. With None nothing is trimmed. If
    noise is so loud that speech does not stand out, the whole clip is the request.
    """
    ended = silence_began(pcm, after, silence_ms) if silence_ms is not None else None
    return len(pcm) if ended is None else ended


def silence_began(pcm: Pcm, after: int, silence_ms: int) -> int | None:
    """The sample at which the request ended. None while it goes on, or if this cannot be told."""
    speech = _speech(pcm)
    if speech is None:
        return None
    wanted = silence_ms * RATE_HZ // 1000 // _FRAME
    spoken = quiet = 0
    for at in range(after // _FRAME, len(speech)):
        quiet = 0 if speech[at] else quiet + 1
        spoken += bool(speech[at])
        if quiet >= (wanted if spoken >= _STARTED else 2 * wanted):
            return min(len(pcm), (at + 1 - quiet + min(_KEPT_AFTER, quiet)) * _FRAME)
    return None


def _speech(pcm: Pcm) -> npt.NDArray[np.bool_] | None:
    """Whether each 20 ms has speech, by its level between the clip's quiet and loud frames."""
    count = len(pcm) // _FRAME
    if not count:
        return None
    level = loudness_db(pcm[: count * _FRAME])
    sounding = level[level > 0.0]  # digital zeros are no room's quiet
    if not len(sounding):
        return None
    quiet, loud = float(np.percentile(sounding, 10)), float(np.percentile(level, 95))
    if loud - quiet < _LEAST_RANGE_DB:
        return None
    smooth = np.convolve(level, np.ones(3) / 3, mode="same")
    return np.asarray(smooth > quiet + max(_SPEECH_DB, _SPEECH_SHARE * (loud - quiet)))


def loudness_db(pcm: Pcm) -> npt.NDArray[np.float64]:
    """The level of each whole 20 ms in dB. A constant offset of the microphone is removed first."""
    frames = pcm[: len(pcm) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    return np.asarray(10 * np.log10(frames.var(axis=1) + 1.0))
