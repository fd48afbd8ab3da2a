"""Decides each clip and carries the decision out: gate, duplicate filter, redaction, store."""

import dataclasses
import hashlib
import hmac

import msgspec

from gateway.clip import Clip, GateDecision
from gateway.flow.broadcast_wait import BroadcastWait, Held
from gateway.flow.dependencies import Dependencies
from gateway.flow.event_times import EventTimes, Said
from gateway.gate.decide import decide, refusal, to_score
from gateway.gate.duplicate_filter import DuplicateFilter, Utterance, utterance
from gateway.gate.recheck import recheck_trimmed_clip
from gateway.redact.pipeline import redact
from gateway.wire import RATE_HZ, SAMPLE_BYTES


class Decider:
    """Decides clips one after another. `broadcast_wait` holds clips that wait. One worker owns it.

    Every method passes on what the vault, the store or an operator raises. Nothing of the clip is then kept.
    """

    def __init__(self, parts: Dependencies, broadcast_wait: BroadcastWait) -> None:
        self._parts, self._broadcast_wait = parts, broadcast_wait
        self._recent = DuplicateFilter(parts.contract)
        self._times = EventTimes(parts.contract.gate.refractory_ms)

    def over(self, now: float) -> list[Held]:
        """Take out the waiting clips that are due. Each is then decided by `once`."""
        return self._broadcast_wait.over(now)

    def once(self, held: Held) -> GateDecision:
        """Decide a clip that has waited."""
        return self._first(held.clip, held.decision, held.said)

    def decide(self, clip: Clip) -> GateDecision | None:
        """Decide a clip and carry the decision out. None means that the clip waits for others (wake requests)."""
        parts = self._parts
        if parts.store.has_session(self.session_key(clip)):
            return GateDecision(keep=True, reason="already_kept")
        standing = parts.vault.standing(clip.site_id)
        decision = refusal(clip, parts.contract, consent=standing.consent if standing else None)
        if decision is None:
            heard = parts.detector.hear(to_score(clip, parts.contract))
            decision = decide(clip, parts.contract, heard, parts.verifier)
            decision = recheck_trimmed_clip(clip, decision, parts.contract, parts.detector.hear, parts.verifier)
        if not decision.keep or standing is None:
            return decision
        if decision.reason == "device_claim":
            return self._keep(clip, decision)
        now = parts.monotonic()
        said = self._said_when(clip, utterance(clip, decision, standing.household_key, now))
        self._recent.note(said)
        if said.pressed:
            return self._first(clip, decision, said)
        self._broadcast_wait.put(clip, decision, said, now)
        return None

    def _said_when(self, clip: Clip, said: Utterance) -> Utterance:
        """The utterance with a believable time, and with a session id that is unique for each utterance."""
        key, length_ms = self.session_key(clip), len(clip.pcm) * 1000 // (RATE_HZ * SAMPLE_BYTES)
        woke = self._times.woke_ms(
            clip.site_id,
            Said(
                key=key,
                audio=hash(clip.pcm),
                start_ms=clip.at_ms,
                end_ms=clip.at_ms + length_ms,
                woke_ms=said.woke_ms,
                seen_s=clip.seen_s,
                sound=said.sound,
                words=said.words,
            ),
        )
        return dataclasses.replace(said, session_id=key, woke_ms=woke)

    def _first(self, clip: Clip, decision: GateDecision, said: Utterance) -> GateDecision:
        """Keep the clip unless its utterance was kept before."""
        again = self._recent.again(said)
        if again is not None:
            return decision.dropped(again)
        kept = self._keep(clip, decision)
        if kept.keep:
            self._recent.keep(said)
        return kept

    def _keep(self, clip: Clip, decision: GateDecision) -> GateDecision:
        """Redact and store. Only here the vault is asked who lives there. It is asked again for consent."""
        parts = self._parts
        facts = parts.vault.site(clip.site_id)
        gone = refusal(clip, parts.contract, consent=facts.consent if facts else None)
        if gone is not None or facts is None:
            return gone or GateDecision(keep=False, reason="unknown_device")
        redacted = redact(
            clip,
            decision,
            parts.contract,
            facts=facts,
            population=parts.population,
            key=parts.key,
            now=parts.now(),
            aligner=parts.aligner,
        )
        join_tag = _hmac(parts.join_key, clip.session_id) if parts.join_key else None
        stored = parts.store.put(redacted, session_key=self.session_key(clip), join_tag=join_tag)
        if not stored:
            return GateDecision(keep=True, reason="already_kept")
        return msgspec.structs.replace(decision, covered=tuple(redacted.covered))

    def session_key(self, clip: Clip) -> str:
        """HMAC of site, session id and audio, in hex. A device may reuse a session id, so the audio is part of it."""
        said = hashlib.sha256(clip.pcm).hexdigest()
        return _hmac(self._parts.key, f"session\0{clip.site_id}\0{clip.session_id}\0{said}")


def _hmac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
