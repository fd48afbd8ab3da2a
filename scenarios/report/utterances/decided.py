"""What decided about one utterance, in words: each attempt's scores, the contract's keys, what is still audible."""

from collections.abc import Iterator

from gateway.contract.model import Contract
from gateway.decision import Decision
from scenarios.checks.audio import ALARM_MS
from scenarios.model.ledger import Row
from scenarios.report.result import RunResult

_CUT_THRESHOLD = 0.5  # the gateway's own, for the trimmed clip
_KEYS = {
    "wake_word": "gate.admit, gate.wake_threshold {gate.wake_threshold}, gate.verify_threshold {gate.verify_threshold}",
    "not_verified": "gate.verify_threshold {gate.verify_threshold}",
    "no_wake_word": "gate.wake_threshold {gate.wake_threshold}",
    "button": "gate.admit, gate.button_window_ms {gate.button_window_ms}",
    "no_button": "gate.button_window_ms {gate.button_window_ms}",
    "device_claim": "gate.admit",
    "child": "gate.children {gate.children}",
    "muted": "the mute switch: no contract lifts it",
    "no_consent": "gate.consent {gate.consent}",
    "too_long": "gate.max_clip_ms {gate.max_clip_ms}",
    "refractory": "gate.refractory_ms {gate.refractory_ms}",
    "heard_elsewhere": "gate.same_utterance {gate.same_utterance}",
    "media": "gate.media_homes {gate.media_homes}",
}


def decided(row: Row, result: RunResult) -> Iterator[str]:
    """A sentence for each attempt that the gateway decided; one alone where it tells no scores."""
    if result.decisions is None:
        reason = row.delivery.reason if row.delivery else None
        keys = f"; decided by {_keys(reason, result.contract)}" if reason in _KEYS else ""
        yield f"scores: not told, this system keeps them to itself{keys}"
        return
    attempts = result.decisions.get(row.utterance.utterance_id, ())
    if not attempts:
        yield "scores: none, no attempt reached a decision"
    for number, attempt in enumerate(attempts, start=1):
        yield f"attempt {number}: {sentence(attempt, result.contract)}"


def sentence(decision: Decision, contract: Contract) -> str:
    """One decision: reason, contract keys, scores beside their thresholds, what of the clip was kept and covered."""
    parts = [decision.reason]
    if decision.reason in _KEYS:
        parts[0] += f", decided by {_keys(decision.reason, contract)}"
    parts.append(f"wake score {_beside(decision.wake_score, contract.gate.wake_threshold)}")
    if "acoustic" in contract.gate.verify:
        parts.append(f"verifier {_beside(decision.verify_score, contract.gate.verify_threshold)}")
        if decision.cut_score is not None:
            parts.append(f"verifier in the trimmed clip {_beside(decision.cut_score, _CUT_THRESHOLD)}")
    else:
        parts.append("verifier not in this contract")
    if decision.woke_ms is not None:
        parts.append(f"wake word heard at {_s(decision.woke_ms)} s")
    if decision.kept_from_ms is not None and decision.kept_until_ms is not None:
        parts.append(f"kept {_s(decision.kept_from_ms)} to {_s(decision.kept_until_ms)} s")
        spans = [f"{each.label} {_s(each.from_ms)} to {_s(each.until_ms)} s" for each in decision.covered]
        parts.append(f"covered in the sound: {', '.join(spans) or 'nothing'}")
    return "; ".join(parts)


def audible_in(ref: str, result: RunResult) -> str:
    """What is still to be heard of each secret in a served clip."""
    if result.audible is None:
        return "not checked: spoken_secrets did not listen"
    if ref not in result.audible:
        return "served without sound"
    heard = result.audible[ref]
    if heard is None:
        return "not known: the sound that was served is not recognised as this recording"
    said = ", ".join(f"{field} {ms} ms" for field, ms in sorted(heard.residual.items()))
    return f"{said}; less than {ALARM_MS} ms of each are allowed" if said else "no secret was said"


def _keys(reason: str | None, contract: Contract) -> str:
    return _KEYS.get(reason or "", "").format(gate=contract.gate)


def _beside(score: float | None, threshold: float) -> str:
    """A score and its threshold, in digits enough to see on which side of it the score lies."""
    if score is None:
        return "not asked"
    digits = next((n for n in (2, 3, 4) if (round(score, n) >= threshold) is (score >= threshold)), 6)
    return f"{score:.{digits}f} (threshold {threshold:g})"


def _s(ms: int) -> str:
    """Seconds with one digit: more digits look like places."""
    return f"{ms / 1000:.1f}"
