"""Whether what is cut holds the wake word by itself: (clip, decision, what the cut sounds like) -> GateDecision, pure.

An engine may be surest of a word a second after it was said, and its score says when it was heard, not where it
is. Nothing is kept in which the second stage, given the cut alone, does not find the word again.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from gateway.clip import Clip, GateDecision
from gateway.contract.model import Contract
from gateway.gate.decide import samples_of
from gateway.gate.trim import clip_start, request_end
from gateway.gate.verify import Verifier, verified_window
from gateway.gate.wake import HOP_SAMPLES, Heard, Pcm

_ECHO_HOPS = 11  # so long after its word an engine's echo comes, give or take three
_BEFORE, _AFTER = 3, 7  # hops around where it should be heard in the cut
_THERE = 0.5  # the cut was verified in the whole clip already; 148 of 150 requests pass, 1 of 13 echoes


def recheck_trimmed_clip(
    clip: Clip, decision: GateDecision, contract: Contract, hear: Callable[[Pcm], Heard], verifier: Verifier | None
) -> GateDecision:
    """The decision itself, or the one for where the word was said first, whichever cut holds it; else a drop. What
    something else than the wake word admitted, or a contract without the acoustic second stage, is left as it is."""
    if decision.wake_sample is None or verifier is None or "acoustic" not in contract.gate.verify:
        return decision
    pcm = samples_of(clip)
    for earlier in (0, _ECHO_HOPS):
        moved = _moved(pcm, decision, contract, max(0, decision.wake_sample - earlier * HOP_SAMPLES))
        if _holds(moved, hear(pcm[moved.start_sample : moved.end_sample]), verifier):
            return moved
    return GateDecision(keep=False, reason="not_verified", wake_score=decision.wake_score)


def _moved(pcm: Pcm, decision: GateDecision, contract: Contract, heard_at: int) -> GateDecision:
    if heard_at == decision.wake_sample:
        return decision
    return msgspec.structs.replace(
        decision,
        start_sample=clip_start(heard_at, contract.gate.pre_roll_ms),
        end_sample=request_end(pcm, heard_at, contract.gate.end_silence_ms),
        wake_sample=heard_at,
    )


def _holds(decision: GateDecision, heard: Heard, verifier: Verifier) -> bool:
    expected = ((decision.wake_sample or 0) - decision.start_sample) // HOP_SAMPLES
    hops = range(max(0, expected - _BEFORE), min(len(heard.scores), expected + _AFTER))
    windows = [window for hop in hops if (window := verified_window(heard, hop)) is not None]
    if not windows:
        return False
    return bool(verifier.scores(np.stack(windows), heard.scores[hops.start : hops.stop]).max() >= _THERE)
