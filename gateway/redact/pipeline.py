"""Runs the redaction operators in order. Clip and decision in, RedactedClip out."""

import functools
import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from gateway.clip import Clip, GateDecision, RedactedClip, Span
from gateway.contract.model import Audio, Contract, Transcripts
from gateway.redact.identifiers import Subject, identifier
from gateway.redact.language.locale import UnsupportedLanguage, load_locale
from gateway.redact.location import Population, location
from gateway.redact.sound.align import Aligner, WordTime
from gateway.redact.sound.cover import cover
from gateway.redact.sound.masking import Margins, NoAgreement, UntrustedTimes, peaks, spans_in_audio, unexplained, union
from gateway.redact.sound.reverberation import BEYOND, echo_ms
from gateway.redact.sound.timed import covered_parts, timed_words
from gateway.redact.sound.voice import distort, random_coefficient
from gateway.redact.text.doubt import doubtful_behind, find_doubtful
from gateway.redact.text.transcript import find_spans, mask, merge
from gateway.redact.times import recorded_on
from gateway.vault.messages import SiteFacts
from gateway.wire import RATE_HZ, SAMPLE_BYTES, AsrToken, TokenTime, Transcript, encode_wav


def redact(
    clip: Clip,
    decision: GateDecision,
    contract: Contract,
    *,
    facts: SiteFacts,
    population: Population,
    key: bytes,
    now: datetime,
    aligner: Aligner,
) -> RedactedClip:
    """What may be stored of a kept clip. `key` makes the pseudonyms. `now` is the gateway's clock."""
    rules = contract.redact
    pcm = clip.pcm[decision.start_sample * SAMPLE_BYTES : decision.end_sample * SAMPLE_BYTES]
    samples = len(pcm) // SAMPLE_BYTES
    pcm = pcm[: samples * SAMPLE_BYTES]  # drop an incomplete sample
    heard = words_within(clip.transcript, decision.start_sample, decision.end_sample)
    language = _language(heard, rules.transcript)
    sound: bytes | None = None
    withheld: str | None = "language"
    spans, silenced = list[Span](), list[Span]()
    if language is None:  # unsupported language: its words cannot be checked
        heard = None
    else:
        spans = spans_in_words(heard, facts, rules.transcript, language) if heard else []
        sound, silenced, withheld = _sound(pcm, heard, spans, contract, aligner)
    timed = timed_words(_tokens(heard), spans, silenced, samples) if heard and sound is not None else []
    place = location(facts, rules.location, population)
    subject = Subject(session=clip.session_id, household=facts.household_key)
    pseudonym = functools.partial(identifier, rules=rules.pseudonyms, subject=subject, key=key, now=now)
    return RedactedClip(
        ref=secrets.token_urlsafe(16),
        recorded_on=recorded_on(now, rules.time_grain),
        trigger=decision.reason,
        duration_ms=samples * 1000 // RATE_HZ,
        device=pseudonym(facts.serial or clip.site_id, rules.device, field="device"),
        customer=pseudonym(facts.customer_id, rules.customer, field="customer"),
        given_name=facts.given_name if rules.given_name == "keep" else None,
        locality=place.locality,
        latitude=place.latitude,
        longitude=place.longitude,
        transcript=mask(heard.text, spans) if heard else None,
        wav=encode_wav(sound) if sound is not None else None,
        peaks=peaks(sound) if sound is not None else [],
        times=timed,
        covered=covered_parts(timed, silenced),
        withheld=withheld,
        spans_digest=_digest(silenced, decision),
        kept_on=now.date().isoformat(),
        owner=facts.owner,
    )


def spans_in_words(heard: Transcript, facts: SiteFacts, rules: Transcripts, language: str = "en") -> list[Span]:
    """Character spans to mask: identifying text, and words that the recogniser was unsure of."""
    spans = find_spans(heard.text, facts, rules.mask, language)
    if "unclear" not in rules.mask:
        return spans
    tokens = _tokens(heard)
    doubtful = find_doubtful(tokens, rules.min_confidence, load_locale(language))
    return merge([*spans, *doubtful, *doubtful_behind(tokens, spans)])


def _language(heard: Transcript | None, rules: Transcripts) -> str | None:
    """The language of a transcript; the contract's if it names none. None means that it must be withheld."""
    if heard is None or not heard.lang or not rules.mask:
        return rules.language
    try:
        return load_locale(heard.lang).language
    except UnsupportedLanguage:
        return rules.language if rules.unsupported_language == "read_anyway" else None


def _sound(
    pcm: bytes, heard: Transcript | None, spans: Sequence[Span], contract: Contract, aligner: Aligner
) -> tuple[bytes | None, list[Span], str | None]:
    """(audio that may be kept or None, covered spans, reason why there is no audio or None)."""
    audio = contract.redact.audio
    tokens = _tokens(heard) if heard else []
    if not tokens and audio.without_transcript == "withhold":
        return None, [], "no_transcript"
    distorted = contract.redact.voice == "distort"
    if audio.masked_words == "keep":
        return (distort(pcm, random_coefficient()) if distorted else pcm), [], None
    try:
        covered = _covered(pcm, tokens, spans, audio, aligner)
        if distorted:  # applied to the muted sound, so that muted words cannot affect the rest
            pcm = distort(cover(pcm, covered), random_coefficient())
        return cover(pcm, covered, audio.masked_words), covered, None
    except NoAgreement:
        return None, [], "no_agreement"
    except UntrustedTimes:
        return None, [], "untrusted_times"


def _covered(
    pcm: bytes, tokens: Sequence[AsrToken], spans: Sequence[Span], audio: Audio, aligner: Aligner
) -> list[Span]:
    """Sample spans to cover. The sound is aligned only if there are spans. Raises UntrustedTimes."""
    aligned = None
    if spans and audio.word_times == "aligned":
        aligned = aligner.align(pcm, [token.value for token in tokens])
        if aligned is None:
            raise NoAgreement
    found = spans_in_audio(
        spans,
        tokens,
        samples=len(pcm) // SAMPLE_BYTES,
        margins=_margins(pcm, tokens, audio, aligned),
        aligned=aligned,
        bound_ms=audio.max_disagreement_ms,
    )
    return union([*found, *(unexplained(pcm, tokens, audio.edge_ms) if audio.unexplained == "cover" else [])])


def _margins(pcm: bytes, tokens: Sequence[AsrToken], audio: Audio, aligned: Sequence[WordTime] | None) -> Margins:
    """The contract's margins. The tail is shortened to what the echo in the clip's own pauses needs."""
    heard = echo_ms(pcm, tokens, aligned) if aligned is not None and audio.tail_ms else None
    tail = audio.tail_ms if heard is None else min(audio.tail_ms, BEYOND * heard)
    return Margins(pad=audio.pad_ms, edge=audio.edge_ms, tail=tail)


def words_within(transcript: Transcript | None, start: int, end: int) -> Transcript | None:
    """The transcript of samples start to end. Words outside are removed; times count from `start`.

    The text is built from the words, so that every character of it has a place in the audio. None stays None.
    """
    if transcript is None:
        return None
    kept: list[AsrToken] = []
    text = ""
    for token in _tokens(transcript):
        if token.time.end * RATE_HZ <= start or token.time.start * RATE_HZ >= end:
            continue
        text += " " if text else ""
        kept.append(
            AsrToken(
                value=token.value,
                confidence=token.confidence,
                range_start=len(text),
                range_end=len(text) + len(token.value),
                time=TokenTime(
                    start=max(0.0, token.time.start - start / RATE_HZ), end=token.time.end - start / RATE_HZ
                ),
            )
        )
        text += token.value
    return Transcript(
        text=text,
        likelihood=transcript.likelihood,
        seconds=(end - start) / RATE_HZ,
        site_id=transcript.site_id,
        session_id=transcript.session_id,
        asr_tokens=[kept],
        lang=transcript.lang,
    )


def _tokens(transcript: Transcript) -> list[AsrToken]:
    return [token for sentence in transcript.asr_tokens for token in sentence]


def _digest(silenced: Sequence[Span], decision: GateDecision) -> str:
    spans = [[decision.start_sample + s.start, decision.start_sample + s.end, s.label] for s in silenced]
    return hashlib.sha256(json.dumps(spans).encode()).hexdigest()
