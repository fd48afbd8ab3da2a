"""How good one microphone's copy of an utterance is, beside another's: clip and decision in, a number out; pure."""

import numpy as np

from gateway.clip import Clip, GateDecision
from gateway.gate.decide import samples_of
from gateway.gate.trim import loudness_db

_MOST_SNR_DB = 40.0  # beyond it nobody hears a difference
_LEVEL, _SCORE = 0.1, 2.0  # dB of signal to noise that 1 dB of level, and the whole of the wake score, are worth
_CLIPPED_DB, _CLIPPED_SHARE = 10.0, 0.01


def copy_quality(clip: Clip, decision: GateDecision) -> float:
    """Signal to noise in dB, then level, then the wake score; less where the microphone was overdriven.

    The signal is the level of the loudest twentieth of what is kept, the noise that of the quietest tenth of all.
    """
    pcm = samples_of(clip)
    kept = pcm[decision.start_sample : decision.end_sample]
    levels, all_levels = loudness_db(kept), loudness_db(pcm)
    sounding = all_levels[all_levels > 0.0]  # digital zeros are no room's quiet
    if not len(levels) or not len(sounding):
        return 0.0
    signal, noise = float(np.percentile(levels, 95)), float(np.percentile(sounding, 10))
    clipped = float(np.mean(np.abs(kept.astype(np.int32)) >= 32_700)) > _CLIPPED_SHARE
    quality = min(signal - noise, _MOST_SNR_DB) + _LEVEL * signal + _SCORE * (decision.wake_score or 0.0)
    return quality - _CLIPPED_DB * clipped
