"""Rates one microphone's copy of an utterance, so that the best of several copies can be kept. Pure."""

import numpy as np

from gateway.clip import Clip, GateDecision
from gateway.gate.decide import samples_of
from gateway.gate.trim import loudness_db

_MOST_SNR_DB = 40.0  # above it more signal to noise makes no audible difference
_LEVEL, _SCORE = 0.1, 2.0  # dB of signal to noise for 1 dB of level, and for a wake score of 1
_CLIPPED_DB, _CLIPPED_SHARE = 10.0, 0.01


def copy_quality(clip: Clip, decision: GateDecision) -> float:
    """Quality in dB: signal to noise, plus small weights for level and wake score, minus 10 if the audio is clipped.

    The signal is the 95th percentile of the kept audio's level. The noise is the 10th percentile of the whole clip's.
    """
    pcm = samples_of(clip)
    kept = pcm[decision.start_sample : decision.end_sample]
    levels, all_levels = loudness_db(kept), loudness_db(pcm)
    sounding = all_levels[all_levels > 0.0]  # digital silence is not the noise of a room
    if not len(levels) or not len(sounding):
        return 0.0
    signal, noise = float(np.percentile(levels, 95)), float(np.percentile(sounding, 10))
    clipped = float(np.mean(np.abs(kept.astype(np.int32)) >= 32_700)) > _CLIPPED_SHARE
    quality = min(signal - noise, _MOST_SNR_DB) + _LEVEL * signal + _SCORE * (decision.wake_score or 0.0)
    return quality - _CLIPPED_DB * clipped
