"""Whether a clip may be kept: (Clip, scores, Contract) -> GateDecision, pure.

What admits is the wake word in the audio or a button press of this very device; a claim never does (unless an
incident contract says so). When in doubt: drop.
"""

import numpy as np

from gateway.clip import Clip, GateDecision
from gateway.contract import Contract
from gateway.gate.wake import HOP_SAMPLES, Scores
from gateway.wire import RATE_HZ, SAMPLE_BYTES

_WORD_SAMPLES = int(0.8 * RATE_HZ)  # the score rises as the word ends; this reaches back before its first sound


def refusal(clip: Clip, contract: Contract, *, consent: bool | None) -> GateDecision | None:
    """What drops a clip before anyone listens to it; None when the audio must be scored.

    `consent` is the household's, None for a device no household has.
    """
    samples = len(clip.pcm) // SAMPLE_BYTES
    reason = None
    if consent is None:
        reason = "unknown_device"
    elif clip.muted:
        reason = "muted"
    elif contract.gate.consent == "required" and not consent:
        reason = "no_consent"
    elif clip.fault is not None:
        reason = clip.fault
    elif samples == 0:
        reason = "empty"
    elif samples * 1000 > contract.gate.max_clip_ms * RATE_HZ:
        reason = "too_long"
    return GateDecision(keep=False, reason=reason) if reason else None


def decide(clip: Clip, contract: Contract, scores: Scores) -> GateDecision:
    """Admit a clip that `refusal` let through. `scores` is one per HOP_SAMPLES of its audio."""
    samples = len(clip.pcm) // SAMPLE_BYTES
    gate = contract.gate
    pre_roll = gate.pre_roll_ms * RATE_HZ // 1000
    peak = float(scores.max(initial=0.0))
    if "wake_word" in gate.admit and peak >= gate.wake_threshold:
        heard_at = int(np.argmax(scores >= gate.wake_threshold)) * HOP_SAMPLES
        start = min(max(0, heard_at - _WORD_SAMPLES - pre_roll), samples)
        return _keep("wake_word", peak, start, samples)
    if clip.trigger == "button" and "button" in gate.admit and clip.button_at_ms is not None:
        lag_ms = clip.button_at_ms - clip.at_ms
        if 0 <= lag_ms <= gate.button_window_ms:
            start = max(0, lag_ms * RATE_HZ // 1000 - pre_roll)
            return _keep("button", peak, min(start, samples), samples)
    if "device_claim" in gate.admit:
        return _keep("device_claim", peak, 0, samples)
    reason = "no_button" if clip.trigger == "button" else "no_wake_word"
    return GateDecision(keep=False, reason=reason, wake_score=peak)


def _keep(reason: str, score: float, start: int, end: int) -> GateDecision:
    return GateDecision(keep=True, reason=reason, wake_score=score, start_sample=start, end_sample=end)
