"""Decides whether a clip may be kept. Pure.

A clip is admitted by the wake word in its audio, or by a press of this device's button. What a device claims admits
nothing, unless a contract of kind incident says so. In doubt the clip is dropped.
"""

from collections.abc import Iterator

import msgspec
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


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A wake word that the engine proposes: the hop at which it was heard and the hop of the peak.

    `score` is the verifier's, 0..1; None if it was not asked. `confirmed` says whether every second stage agrees.
    """

    first: int
    top: int
    score: float | None
    confirmed: bool


def refusal(clip: Clip, contract: Contract, *, consent: bool | None) -> GateDecision | None:
    """The reasons to drop a clip before it is scored. None means that the audio must be scored.

    `consent` is the household's. It is None for a device that no household has.
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
    """The audio in which the contract looks for the wake word. It is empty if a press admits the clip already."""
    pcm = samples_of(clip)
    if "wake_word" not in contract.gate.admit or _pressed(clip, contract):
        return pcm[:0]
    within = contract.gate.wake_within_ms
    return pcm if within is None else pcm[: within * RATE_HZ // 1000]


def decide(clip: Clip, contract: Contract, heard: Heard = _NOTHING, verifier: Verifier | None = None) -> GateDecision:
    """Decide about a clip that `refusal` let through.

    `heard` is the engine's answer to the audio of `to_score`. `verifier` is needed if the contract has an acoustic
    second stage.
    """
    gate, pcm = contract.gate, samples_of(clip)
    peak = float(heard.scores.max(initial=0.0))
    pre_roll = gate.pre_roll_ms * RATE_HZ // 1000
    decision = None
    asked: list[Proposed] = []
    for word in proposed(clip, contract, heard, verifier):
        asked.append(word)
        if not word.confirmed:
            continue
        heard_at = min(word.first * HOP_SAMPLES, len(pcm))
        decision = GateDecision(
            keep=True,
            reason="wake_word",
            wake_score=float(heard.scores[word.top]),
            verify_score=word.score,
            start_sample=clip_start(heard_at, gate.pre_roll_ms),
            end_sample=request_end(pcm, heard_at, gate.end_silence_ms),
            wake_sample=heard_at,
        )
        break
    if decision is None and _pressed(clip, contract) and clip.button_at_ms is not None:
        pressed = min((clip.button_at_ms - clip.at_ms) * RATE_HZ // 1000, len(pcm))
        end = request_end(pcm, pressed, gate.end_silence_ms)
        decision = _keep("button", peak if len(heard.scores) else None, max(0, pressed - pre_roll), end)
    if decision is None and "device_claim" in gate.admit:
        decision = _keep("device_claim", peak, 0, len(pcm))
    if decision is None:
        unverified = "wake_word" in gate.admit and peak >= gate.wake_threshold
        reason = "no_button" if clip.trigger == "button" else "not_verified" if unverified else "no_wake_word"
        best = max((word.score for word in asked if word.score is not None), default=None)
        return GateDecision(keep=False, reason=reason, wake_score=peak, verify_score=best)
    return _or_child(decision, contract, pcm)


def wake_word(clip: Clip, contract: Contract, heard: Heard, verifier: Verifier | None) -> Proposed | None:
    """The first wake word that every second stage confirms, or None."""
    return next((word for word in proposed(clip, contract, heard, verifier) if word.confirmed), None)


def proposed(clip: Clip, contract: Contract, heard: Heard, verifier: Verifier | None) -> Iterator[Proposed]:
    """Every wake word that the engine proposes, in order, as the second stages see it."""
    if "wake_word" not in contract.gate.admit:
        return
    for first, top in words_heard(heard.scores, contract.gate.wake_threshold):
        score = _verifier_score(contract, heard, top, verifier)
        yield Proposed(first=first, top=top, score=score, confirmed=_confirmed(clip, contract, score, top))


def samples_of(clip: Clip) -> Pcm:
    return np.frombuffer(clip.pcm, "<i2").astype(np.int16, copy=False)


def _pressed(clip: Clip, contract: Contract) -> bool:
    """Whether this device's button opened the session and was pressed within the contract's window."""
    if clip.trigger != "button" or "button" not in contract.gate.admit or clip.button_at_ms is None:
        return False
    return 0 <= clip.button_at_ms - clip.at_ms <= contract.gate.button_window_ms


def words_heard(scores: Scores, threshold: float) -> Iterator[tuple[int, int]]:
    """Every run of scores at or above the threshold: (hop at which the word was heard, hop of the peak).

    The word is heard where the score first reaches half its peak, whatever the threshold. It is never taken to be heard
    long before the peak, because another word may stand there.
    """
    above = np.flatnonzero(scores >= threshold)
    if not len(above):
        return
    for run in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1):
        top = int(run[scores[run].argmax()])
        yield max(int(run[np.argmax(scores[run] >= scores[top] / 2)]), top - _RISE_HOPS), top


def _verifier_score(contract: Contract, heard: Heard, top: int, verifier: Verifier | None) -> float | None:
    """The score of the acoustic second stage. None if the contract has none, or if it cannot be asked."""
    if "acoustic" not in contract.gate.verify or verifier is None:
        return None
    window = verified_window(heard, top)
    return None if window is None else verifier.score(window, float(heard.scores[top]))


def _confirmed(clip: Clip, contract: Contract, score: float | None, top: int) -> bool:
    """Whether every second stage of the contract confirms the word. A stage that cannot be asked does not."""
    gate = contract.gate
    if "acoustic" in gate.verify and (score is None or not score >= gate.verify_threshold):  # NaN is no agreement
        return False
    return "transcript" not in gate.verify or said_in(clip.transcript, gate.wake_phrase, top * HOP_SAMPLES)


def _or_child(decision: GateDecision, contract: Contract, pcm: Pcm) -> GateDecision:
    """The decision, or a drop if the contract drops children's voices and this may be one."""
    if contract.gate.children == "keep":
        return decision
    pitch = pitch_hz(pcm[decision.start_sample : decision.end_sample])
    if pitch is not None and pitch < CHILD_HZ:
        return decision
    return decision.dropped("child")


def _keep(reason: str, score: float | None, start: int, end: int) -> GateDecision:
    return GateDecision(
        keep=True, reason=reason, wake_score=score, start_sample=min(start, end), end_sample=end, wake_sample=None
    )
