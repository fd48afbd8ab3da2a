"""Whatever comes in: every operator returns no more than it was given and raises nothing but what it says."""

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.clip import Clip, GateDecision, Span
from gateway.contract.model import Location, MaskClass, Pseudonyms, load_contract
from gateway.redact.identifiers import Subject, identifier
from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of
from gateway.redact.location import location
from gateway.redact.pipeline import redact
from gateway.redact.sound.align import PocketSphinx, WordTime
from gateway.redact.sound.cover import cover
from gateway.redact.sound.masking import Margins, UntrustedTimes, spans_in_audio, unexplained, union
from gateway.redact.sound.pronounce import phones, sayable
from gateway.redact.sound.reverberation import echo_ms
from gateway.redact.sound.voice import distort
from gateway.redact.text.doubt import find_doubtful
from gateway.redact.text.notes import shareable
from gateway.redact.text.transcript import find_spans, mask
from gateway.vault.messages import SiteFacts
from gateway.wire import AsrToken, TokenTime, Transcript

SECOND = 16_000
NOW = datetime(2019, 4, 10, tzinfo=UTC)
PRESETS = ("strict", "google-2019", "apple-2019", "amazon-2019-before", "amazon-2019-after")

# Words of every recogniser's own grammar among any Unicode.
_TELLING = "call laura message to double five oh at gmail dot com street card number is the a 4111 l a u r a".split()
words = st.one_of(st.sampled_from(_TELLING), st.text(max_size=8))
texts = st.one_of(st.text(max_size=80), st.lists(words, max_size=14).map(" ".join))
names = st.lists(st.text(max_size=12), max_size=3).map(tuple)
pcms = st.binary(max_size=6_001)
times = st.one_of(st.floats(-0.5, 3.0), st.sampled_from([math.nan, math.inf, -math.inf, 1e308, 0.0]))
spans = st.builds(Span, start=st.integers(-5_000, 50_000), end=st.integers(-5_000, 50_000), label=st.just("x"))
facts = st.builds(
    SiteFacts,
    household_key=st.text(max_size=5),
    consent=st.booleans(),
    customer_id=st.none() | st.text(max_size=5),
    serial=st.none() | st.text(max_size=5),
    city=st.none() | st.text(max_size=5),
    state=st.none() | st.text(max_size=5),
    latitude=st.none() | st.floats(),
    longitude=st.none() | st.floats(),
    names=names,
    contact_names=names,
    emails=names,
    streets=names,
    homes_in_cell=st.lists(st.integers(0, 9), max_size=8).map(tuple),
)


@st.composite
def tokens(draw: st.DrawFn, sane: bool = False) -> list[AsrToken]:
    made, at, now = [], 0, 0.0
    for value in draw(st.lists(words, max_size=6)):
        start = now + draw(st.floats(0, 0.3)) if sane else draw(times)
        end = start + draw(st.floats(0, 0.5)) if sane else draw(times)
        now, place = end, at if sane else draw(st.integers(-10, 60))
        made.append(
            AsrToken(
                value=value,
                confidence=draw(st.floats(0, 1)),
                range_start=place,
                range_end=place + len(value),
                time=TokenTime(start=start, end=end),
            )
        )
        at += len(value) + 1
    return made


word_times = st.builds(WordTime, start=st.integers(-9_000, 90_000), end=st.integers(-9_000, 90_000))


class Says:
    """An aligner that answers what it was told to, for as many words as are asked."""

    def __init__(self, answer: list[WordTime] | None) -> None:
        self._answer = answer

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        if self._answer is None or not self._answer:
            return None
        return [self._answer[at % len(self._answer)] for at in range(len(words))]


@settings(deadline=None)
@given(texts, facts)
def test_the_transcript_loses_words_and_gains_placeholders_only(text: str, known: SiteFacts) -> None:
    found = find_spans(text, known, get_args(MaskClass))
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    left = mask(text, found)
    for span in found:
        left = left.replace(f"[{span.label.replace('_', ' ')}]", "", 1)
    assert len(left) <= len(text)
    assert set(left) <= set(text)


@settings(deadline=None)
@given(texts, texts)
def test_notes_show_no_word_of_their_own(note: str, transcript: str) -> None:
    shown = {word.low for word in words_of(shareable(note, transcript))}
    typed = {word.low for word in words_of(note)}
    assert shown <= typed | {piece for label in get_args(MaskClass) for piece in label.split("_")}


@settings(deadline=None)
@given(tokens(), st.floats(0, 1))
def test_doubt_points_at_words_it_was_given(heard: list[AsrToken], least: float) -> None:
    given_ = {(token.range_start, token.range_end) for token in heard}
    assert {(span.start, span.end) for span in find_doubtful(heard, least, load_locale())} <= given_


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_word_has_a_sound_or_none(word: str) -> None:
    for piece in sayable(word):
        assert piece.isascii()
        assert phones(piece)


@settings(deadline=None)
@given(pcms, st.lists(spans, max_size=4), st.sampled_from(["silence", "beep"]))
@example(b"", [Span(start=0, end=9, label="x")], "beep")
@example(b"\1", [Span(start=-4, end=9, label="x")], "silence")
def test_covering_keeps_the_length_and_leaves_nothing_under(pcm: bytes, over: list[Span], with_: Any) -> None:
    left = np.frombuffer(cover(pcm, over, with_), np.int16)
    assert len(left) == len(pcm) // 2
    if with_ == "silence":
        for span in over:
            assert not left[max(0, span.start) : max(0, span.end)].any()


@settings(deadline=None, max_examples=50)
@given(pcms, st.floats(0.5, 0.9))
@example(b"", 0.7)
@example(b"\1", 0.7)
def test_distortion_keeps_the_length(pcm: bytes, coefficient: float) -> None:
    assert len(distort(pcm, coefficient)) == len(pcm) // 2 * 2


@given(st.lists(spans, max_size=6))
def test_a_union_is_sorted_apart_and_covers_the_same(many: list[Span]) -> None:
    merged = union(many)
    assert all(one.end < other.start for one, other in itertools.pairwise(merged))
    inside = {at for span in many for at in (span.start, (span.start + span.end) // 2) if span.start < span.end}
    assert all(any(span.start <= at < span.end for span in merged) for at in inside)


@settings(deadline=None)
@given(
    tokens(),
    st.lists(spans, max_size=3),
    st.integers(0, 60_000),
    st.integers(0, 500),
    st.none() | st.lists(word_times, min_size=6, max_size=6),
)
def test_times_that_cannot_be_are_refused_without_a_word(
    heard: list[AsrToken], over: list[Span], samples: int, ms: int, said: list[WordTime] | None
) -> None:
    aligned = said[: len(heard)] if said is not None else None
    margins = Margins(pad=ms, edge=ms // 4, tail=ms // 2)
    try:
        found = spans_in_audio(over, heard, samples=samples, margins=margins, aligned=aligned, bound_ms=ms)
    except UntrustedTimes as error:
        assert str(error) == ""
        return
    assert all(0 <= span.start < span.end <= samples for span in found)


@settings(deadline=None)
@given(pcms, tokens() | tokens(sane=True), st.lists(word_times, min_size=6, max_size=6), st.integers(0, 2_000))
def test_what_nobody_wrote_down_lies_within_the_clip(
    pcm: bytes, heard: list[AsrToken], aligned: list[WordTime], edge_ms: int
) -> None:
    try:
        found = unexplained(pcm, heard, edge_ms)
        echo = echo_ms(pcm, heard, aligned[: len(heard)])
    except UntrustedTimes as error:
        assert str(error) == ""
        return
    assert all(0 <= span.start < span.end <= len(pcm) // 2 for span in found)
    assert echo is None or 0 <= echo <= len(pcm) // 32


@given(facts, st.sampled_from(["coordinates", "grid", "locality", "nothing"]), st.integers(1, 3), st.integers(1, 8))
def test_a_place_is_one_that_was_given(known: SiteFacts, show: Any, least: int, level: int) -> None:
    rule = Location(show=show, counted_by="fleet", min_anonymity=least, grid_level=level)
    shown = location(known, rule, {})
    if show in ("grid", "locality", "nothing"):
        assert (shown.latitude, shown.longitude) == (None, None)
    if show == "nothing":
        assert shown.locality is None


@given(
    st.none() | st.text(),
    st.sampled_from(["keep", "pseudonym", "drop"]),
    st.sampled_from(["clip", "session", "device", "household"]),
    st.text(),
)
def test_an_identifier_is_itself_nothing_or_sixteen_digits(
    value: str | None, operator: Any, scope: Any, other: str
) -> None:
    subject = Subject(session=other, household=other)
    rules = Pseudonyms(scope=scope, rotate_days=30)
    shown = identifier(value, operator, field="device", rules=rules, subject=subject, key=b"k" * 32, now=NOW)
    if operator == "keep":
        assert shown == value
    elif shown is not None:
        assert len(shown) == 16
        assert int(shown, 16) >= 0


@settings(deadline=None, max_examples=12)
@given(pcms, st.lists(words, max_size=4))
def test_the_aligner_answers_for_every_word_or_not_at_all(pcm: bytes, said: list[str]) -> None:
    found = ALIGNER.align(pcm, said)
    if found is not None:
        assert len(found) == len(said)
        assert all(0 <= time.start <= time.end for time in found)


ALIGNER = PocketSphinx()


@pytest.mark.parametrize("preset", PRESETS)
@settings(deadline=None, max_examples=25)
@given(
    pcm=pcms,
    heard=st.none() | tokens() | tokens(sane=True),
    text=texts,
    known=facts,
    said=st.none() | st.lists(word_times, max_size=6),
    cut=st.tuples(st.integers(0, 4_000), st.integers(0, 9_000)),
)
def test_the_whole_never_raises_and_never_returns_more(
    preset: str,
    pcm: bytes,
    heard: list[AsrToken] | None,
    text: str,
    known: SiteFacts,
    said: list[WordTime] | None,
    cut: tuple[int, int],
) -> None:
    transcript = None
    if heard is not None:
        transcript = Transcript(
            text=text, likelihood=1.0, seconds=1.0, site_id="s", session_id="1", asr_tokens=[heard] if heard else []
        )
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm, trigger="wake", transcript=transcript)
    kept = GateDecision(keep=True, reason="wake_word", start_sample=cut[0], end_sample=cut[1])
    left = redact(
        clip,
        kept,
        load_contract(preset),
        facts=known,
        population={},
        key=b"k" * 32,
        now=NOW,
        aligner=Says(said),
    )
    samples = len(pcm[2 * cut[0] : 2 * cut[1]]) // 2
    assert left.wav is None or len(left.wav) == 44 + 2 * samples
    assert len(left.peaks) <= 240
    assert left.duration_ms == samples * 1000 // SECOND
    if left.transcript:
        said_words = {each.low for each in words_of(" ".join(token.value for token in heard or []))}
        labels = {piece for label in get_args(MaskClass) for piece in label.split("_")}
        parts = {each.low for token in heard or [] for each in words_of(token.value)}
        assert {each.low for each in words_of(left.transcript)} <= said_words | parts | labels
