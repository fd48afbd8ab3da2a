"""Whether a clip may be kept: (Clip, what was heard, Contract) -> GateDecision, pure.

What admits is the wake word in the audio or a button press of this very device; a claim never does (unless an
incident contract says so). When in doubt: drop.
"""

from collections.abc import Iterator

import numpy as np

from gateway.clip import Clip, GateDecision
from gateway.contract.model import Contract
from gateway.gate.pitch import pitch_hz
from gateway.gate.trim import clip_start, request_end
from gateway.gate.verify import Verifier, said_in, verified_window
from gateway.gate.wake import HOP_SAMPLES, Heard, Pcm, Scores
from gateway.wire import RATE_HZ, SAMPLE_BYTES

CHILD_HZ = 250.0  # speaking voices above this are mostly children's
_RISE_HOPS = 5  # of 151 plain requests 148 are at their peak so soon after they are heard
_NOTHING = Heard(scores=np.zeros(0, np.float32))


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


def to_score(clip: Clip, contract: Contract) -> Pcm:
    """The audio in which the contract looks for the wake word: none where a press admits the clip already."""
    pcm = samples_of(clip)
    if "wake_word" not in contract.gate.admit or _pressed(clip, contract):
        return pcm[:0]
    within = contract.gate.wake_within_ms
    return pcm if within is None else pcm[: within * RATE_HZ // 1000]


def decide(clip: Clip, contract: Contract, heard: Heard = _NOTHING, verifier: Verifier | None = None) -> GateDecision:
    """Admit a clip that `refusal` let through. `heard` is what the engine made of `to_score`'s audio; `verifier` is
    wanted where the contract asks for the acoustic second stage."""
    gate, pcm = contract.gate, samples_of(clip)
    peak = float(heard.scores.max(initial=0.0))
    pre_roll = gate.pre_roll_ms * RATE_HZ // 1000
    decision = None
    word = wake_word(clip, contract, heard, verifier)
    if word is not None:
        first, top = word
        heard_at = min(first * HOP_SAMPLES, len(pcm))
        decision = GateDecision(
            keep=True,
            reason="wake_word",
            wake_score=float(heard.scores[top]),
            start_sample=clip_start(heard_at, gate.pre_roll_ms),
            end_sample=request_end(pcm, heard_at, gate.end_silence_ms),
            wake_sample=heard_at,
        )
    if decision is None and _pressed(clip, contract) and clip.button_at_ms is not None:
        pressed = min((clip.button_at_ms - clip.at_ms) * RATE_HZ // 1000, len(pcm))
        end = request_end(pcm, pressed, gate.end_silence_ms)
        decision = _keep("button", peak, max(0, pressed - pre_roll), end)
    if decision is None and "device_claim" in gate.admit:
        decision = _keep("device_claim", peak, 0, len(pcm))
    if decision is None:
        unverified = "wake_word" in gate.admit and peak >= gate.wake_threshold
        reason = "no_button" if clip.trigger == "button" else "not_verified" if unverified else "no_wake_word"
        return GateDecision(keep=False, reason=reason, wake_score=peak)
    return _or_child(decision, contract, pcm)


def wake_word(clip: Clip, contract: Contract, heard: Heard, verifier: Verifier | None) -> tuple[int, int] | None:
    """(hop at which it was heard, hop of the peak) of the first wake word that every second stage agrees to."""
    if "wake_word" not in contract.gate.admit:
        return None
    found = words_heard(heard.scores, contract.gate.wake_threshold)
    return next((word for word in found if _verified(clip, contract, heard, word[1], verifier)), None)


def samples_of(clip: Clip) -> Pcm:
    return np.frombuffer(clip.pcm, "<i2").astype(np.int16, copy=False)


def _pressed(clip: Clip, contract: Contract) -> bool:
    """A press of this device opened the session and came within its window."""
    if clip.trigger != "button" or "button" not in contract.gate.admit or clip.button_at_ms is None:
        return False
    return 0 <= clip.button_at_ms - clip.at_ms <= contract.gate.button_window_ms


def words_heard(scores: Scores, threshold: float) -> Iterator[tuple[int, int]]:
    """(hop at which it was heard, hop of the peak) of every run of scores at or above the threshold.

    Heard is where the score first has half its peak, whatever the threshold: that fixes where the word began. Never
    long before the peak, though: what comes before may be another word in one breath with it.
    """
    above = np.flatnonzero(scores >= threshold)
    if not len(above):
        return
    for run in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1):
        top = int(run[scores[run].argmax()])
        yield max(int(run[np.argmax(scores[run] >= scores[top] / 2)]), top - _RISE_HOPS), top


def _verified(clip: Clip, contract: Contract, heard: Heard, top: int, verifier: Verifier | None) -> bool:
    """Whether every second stage of the contract agrees. One that cannot be asked does not."""
    gate = contract.gate
    if "acoustic" in gate.verify:
        window = verified_window(heard, top)
        if verifier is None or window is None:
            return False
        if not verifier.score(window, float(heard.scores[top])) >= gate.verify_threshold:  # NaN is no agreement
            return False
    return "transcript" not in gate.verify or said_in(clip.transcript, gate.wake_phrase, top * HOP_SAMPLES)


def _or_child(decision: GateDecision, contract: Contract, pcm: Pcm) -> GateDecision:
    """The contract's rule for children's speech."""
    if contract.gate.children == "keep":
        return decision
    pitch = pitch_hz(pcm[decision.start_sample : decision.end_sample])
    if pitch is not None and pitch < CHILD_HZ:
        return decision
    return GateDecision(keep=False, reason="child", wake_score=decision.wake_score)


def _keep(reason: str, score: float, start: int, end: int) -> GateDecision:
    return GateDecision(
        keep=True, reason=reason, wake_score=score, start_sample=min(start, end), end_sample=end, wake_sample=None
    )
