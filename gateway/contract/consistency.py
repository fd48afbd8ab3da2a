"""Does a contract agree with itself, and show no more than it claims? Each fault is one sentence naming the key."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.contract.phrase import phrase_words

if TYPE_CHECKING:  # contract.py asks while it is being loaded
    from gateway.contract.model import Contract

KNOWN_ANSWERS = "known-answers"  # for delivery and fault tests: acoustics cannot blur them
SHIPPED_FOR = "alexa"  # the wake model whose words the shipped verifier was fitted on


def contradictions(contract: "Contract") -> list[str]:
    """Every sentence in which the contract contradicts itself or shows more than it claims."""
    found = _weaker_than_claimed(contract) if contract.kind == "protect" else []
    for part in (_gate, _audio, _identifiers, _location, _review):
        found += part(contract)
    found += [
        f"allow: {field} is declared as disclosed, but nothing shows it"
        for field in contract.allow
        if field not in _shown(contract)
    ]
    return found


def _gate(contract: "Contract") -> Iterator[str]:
    gate = contract.gate
    for key, listed in (("admit", gate.admit), ("verify", gate.verify)):
        if len(set(listed)) < len(listed):
            yield f"gate.{key}: the same stands twice"
    if gate.pre_roll_ms >= gate.max_clip_ms:
        yield "gate.pre_roll_ms: must be shorter than gate.max_clip_ms"
    if gate.end_silence_ms is not None and gate.end_silence_ms > gate.max_clip_ms:
        yield "gate.end_silence_ms: longer than gate.max_clip_ms, no clip has such a pause"
    if gate.wake_within_ms is not None and "wake_word" not in gate.admit:
        yield "gate.wake_within_ms: there is no wake word to look for: gate.admit does not have wake_word"
    if gate.wake_within_ms is not None and gate.wake_within_ms > gate.max_clip_ms:
        yield "gate.wake_within_ms: longer than gate.max_clip_ms, no clip reaches so far"
    if not phrase_words(gate.wake_phrase):
        yield "gate.wake_phrase: has neither a letter nor a digit: no transcript could hold it"
    once = "wake_word" in gate.admit and gate.same_utterance == "one_clip"
    if contract.kind == "protect" and once and gate.refractory_ms == 0:
        yield "gate.same_utterance: one_clip needs gate.refractory_ms above 0, or each device has a clip of its own"
    yield from _second_stage(contract)


def _second_stage(contract: "Contract") -> Iterator[str]:
    gate = contract.gate
    if gate.verify and "wake_word" not in gate.admit:
        yield "gate.verify: there is no wake word to verify: gate.admit does not have wake_word"
    acoustic = "acoustic" in gate.verify
    if acoustic and gate.wake_model == KNOWN_ANSWERS:
        yield f"gate.verify: acoustic has nothing to judge: {KNOWN_ANSWERS} makes no embeddings"
    if acoustic and gate.verify_model is None and gate.wake_model != SHIPPED_FOR:
        yield (
            f"gate.verify_model: the verifier that ships was fitted for {SHIPPED_FOR}; with another gate.wake_model, "
            "acoustic needs the path of one fitted for it"
        )
    if gate.verify_model is not None and not acoustic:
        yield "gate.verify_model: nothing asks it: gate.verify does not have acoustic"


def _audio(contract: "Contract") -> Iterator[str]:
    audio, mask = contract.redact.audio, contract.redact.transcript.mask
    if audio.masked_words != "keep" and not mask:
        yield f"redact.audio.masked_words: {audio.masked_words} needs words to mask: redact.transcript.mask is empty"
    if audio.unexplained == "cover" and audio.masked_words == "keep":
        yield "redact.audio.unexplained: cover needs audio.masked_words: silence or beep"
    if contract.redact.transcript.min_confidence > 0 and "unclear" not in mask:
        yield "redact.transcript.min_confidence: needs unclear in redact.transcript.mask"
    if contract.redact.voice == "distort" and mask and audio.masked_words == "keep":
        yield "redact.voice: distort needs audio: mute first (redact.audio.masked_words: silence or beep)"
    if contract.redact.voice == "distort" and not mask and contract.kind == "protect":
        yield "redact.voice: distort needs audio: mute first (redact.transcript.mask is empty)"


def _identifiers(contract: "Contract") -> Iterator[str]:
    redact = contract.redact
    rules = redact.pseudonyms
    timed = rules.rotate_days is not None or rules.lifetime_days is not None
    if timed and "pseudonym" not in (redact.device, redact.customer):
        yield "redact.pseudonyms: days are given, but redact.device and redact.customer make no pseudonym"
    if timed and rules.scope in ("clip", "session") and rules.rotate_days is not None:
        yield f"redact.pseudonyms.rotate_days: a pseudonym of scope {rules.scope} is new every time already"


def _location(contract: "Contract") -> Iterator[str]:
    place = contract.redact.location
    if place.show in ("coordinates", "nothing") and place.min_anonymity > 1:
        yield f"redact.location.min_anonymity: cannot be kept by show: {place.show}"
    if place.show == "grid" and place.counted_by == "population":
        yield "redact.location.counted_by: population is known of towns only; a grid needs counted_by: fleet"


def _review(contract: "Contract") -> Iterator[str]:
    review = contract.review
    if review.customer_lookup and contract.redact.customer != "keep":
        yield "review.customer_lookup: needs redact.customer: keep, there is no id to look up"
    lifetime, kept = contract.redact.pseudonyms.lifetime_days, review.retention_days
    if lifetime is not None and kept is not None and lifetime > kept:
        yield "redact.pseudonyms.lifetime_days: longer than review.retention_days, the clip is gone before"
    if review.break_glass is not None and not review.mfa and contract.kind == "protect":
        yield "review.break_glass: needs review.mfa: true"


def _shown(contract: "Contract") -> set[str]:
    redact, shown = contract.redact, set()
    if redact.location.show in ("locality", "coordinates"):
        shown |= {"home.city", "home.state"}
    if redact.location.show == "grid":
        shown.add("home.area")
    if redact.given_name == "keep":
        shown.add("members.given_name")
    return shown


def _weaker_than_claimed(contract: "Contract") -> list[str]:
    redact = contract.redact
    leaks = {
        "gate.admit: device_claim": "device_claim" in contract.gate.admit,
        "gate.consent: ignored": contract.gate.consent == "ignored",
        "redact.device: keep": redact.device == "keep",
        "redact.customer: keep": redact.customer == "keep",
        "redact.location.show: coordinates": redact.location.show == "coordinates",
        "redact.audio.masked_words: keep": bool(redact.transcript.mask) and redact.audio.masked_words == "keep",
        "redact.transcript.unsupported_language: read_anyway": redact.transcript.unsupported_language == "read_anyway",
        "redact.audio.without_transcript: keep": redact.audio.without_transcript == "keep",
    }
    found = [
        f"{key} shows what no contract of kind protect may (kind: incident models it)" for key in leaks if leaks[key]
    ]
    if contract.gate.wake_model == KNOWN_ANSWERS:
        found.append(f"gate.wake_model: {KNOWN_ANSWERS}: for tests; no contract of kind protect may have it")
    found += [
        f"allow: {field} is shown but not declared" for field in sorted(_shown(contract)) if field not in contract.allow
    ]
    return found
