"""Masked words are silent, everything else is as it was, and doubtful times withhold the audio."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clip import Span
from gateway.redact.sound.align import WordTime
from gateway.redact.sound.cover import cover
from gateway.redact.sound.masking import Margins, UntrustedTimes, peaks, spans_in_audio, unexplained
from gateway.wire import AsrToken, TokenTime

SECOND = 16_000


def token(value: str, at: int, start: float, end: float) -> AsrToken:
    return AsrToken(
        value=value, confidence=1.0, range_start=at, range_end=at + len(value), time=TokenTime(start=start, end=end)
    )


WORDS = [token("call", 0, 0.1, 0.4), token("laura", 5, 0.5, 0.9), token("now", 11, 1.0, 1.2)]


def margins(pad: int, edge: int = 20, tail: int = 0) -> Margins:
    return Margins(pad=pad, edge=edge if pad else 0, tail=tail)


def tone(samples: int) -> bytes:
    return (8_000 * np.sin(np.arange(samples) * 0.3) + 9_000).astype(np.int16).tobytes()


def test_the_words_under_a_character_span_are_found_and_padded() -> None:
    spans = spans_in_audio([Span(start=5, end=10, label="contact")], WORDS, samples=2 * SECOND, margins=margins(50))
    assert spans == [Span(start=int(0.45 * SECOND), end=int(0.95 * SECOND), label="contact")]


LAURA = [Span(start=5, end=10, label="contact")]


def aligned(*seconds: tuple[float, float]) -> list[WordTime]:
    return [WordTime(start=int(start * SECOND), end=int(end * SECOND)) for start, end in seconds]


def found_ms(by: list[WordTime], around: Margins) -> list[tuple[int, int]]:
    spans = spans_in_audio(LAURA, WORDS, samples=2 * SECOND, margins=around, aligned=by, bound_ms=250)
    return [(span.start // 16, span.end // 16) for span in spans]


def test_padding_ends_where_both_witnesses_hear_another_word() -> None:
    by = aligned((0.1, 0.42), (0.5, 0.9), (0.97, 1.2))
    assert found_ms(by, margins(120)) == [(400, 1000)]
    assert found_ms(by, margins(50)) == [(450, 950)]


def test_an_edge_and_a_rooms_echo_are_covered_whatever_is_beside() -> None:
    close = aligned((0.1, 0.5), (0.5, 1.0), (1.0, 1.2))
    assert found_ms(close, margins(120)) == [(400, 1020)]
    assert found_ms(close, margins(120, edge=40, tail=60)) == [(400, 1100)]
    assert found_ms(aligned((0.1, 0.4), (0.4, 0.9), (0.9, 1.2)), margins(120)) == [(380, 1000)]


def test_a_masked_neighbour_stops_no_padding() -> None:
    by = aligned((0.1, 0.4), (0.5, 0.9), (1.0, 1.2))
    chars = [Span(start=0, end=4, label="x"), *LAURA]
    spans = spans_in_audio(chars, WORDS, samples=2 * SECOND, margins=margins(120), aligned=by, bound_ms=250)
    assert [(span.start // 16, span.end // 16) for span in spans] == [(0, 1000)]


def test_spans_that_touch_after_padding_become_one() -> None:
    chars = [Span(start=5, end=10, label="contact"), Span(start=11, end=14, label="number")]
    assert len(spans_in_audio(chars, WORDS, samples=2 * SECOND, margins=margins(100))) == 1
    assert len(spans_in_audio(chars, WORDS, samples=2 * SECOND, margins=margins(0))) == 2


@pytest.mark.parametrize(
    ("chars", "words", "samples"),
    [
        ([Span(start=30, end=35, label="contact")], WORDS, 2 * SECOND),
        ([Span(start=5, end=10, label="contact")], WORDS[::-1], 2 * SECOND),
        ([Span(start=5, end=10, label="contact")], WORDS, SECOND // 2),
        ([Span(start=0, end=4, label="contact")], [token("call", 0, 0.5, 0.1)], SECOND),
        ([Span(start=0, end=4, label="contact")], [token("call", 0, -1.0, 0.1)], SECOND),
    ],
)
def test_times_that_cannot_be_are_not_trusted(chars: list[Span], words: list[AsrToken], samples: int) -> None:
    with pytest.raises(UntrustedTimes):
        spans_in_audio(chars, words, samples=samples, margins=margins(0))


spans_of = st.lists(
    st.tuples(st.integers(0, 9_000), st.integers(1, 4_000)).map(lambda s: Span(start=s[0], end=s[0] + s[1], label="x")),
    max_size=4,
)


@settings(deadline=None)
@given(spans_of, st.integers(0, 8_000))
def test_spans_are_silent_and_the_length_stays(spans: list[Span], samples: int) -> None:
    pcm = tone(samples)
    inside = [Span(start=min(s.start, samples), end=min(s.end, samples), label=s.label) for s in spans]
    left = np.frombuffer(cover(pcm, inside), np.int16)
    assert len(left) == samples
    for span in inside:
        assert not left[span.start : span.end].any()
    untouched = np.ones(samples, bool)
    for span in inside:
        untouched[max(0, span.start - 8 * 16) : span.end + 8 * 16] = False
    np.testing.assert_array_equal(left[untouched], np.frombuffer(pcm, np.int16)[untouched])


@given(st.binary(max_size=2_000).map(lambda raw: raw[: len(raw) // 2 * 2]), st.integers(1, 300))
def test_peaks_are_percent_of_full_scale(pcm: bytes, columns: int) -> None:
    found = peaks(pcm, columns)
    assert len(found) == min(columns, len(pcm) // 2)
    assert all(0 <= peak <= 100 for peak in found)


@pytest.mark.parametrize("edge_ms", [0, 20])
def test_sound_without_a_word_is_covered_with_an_edge_of_the_words_beside_it(edge_ms: int) -> None:
    """The recogniser left "laura" out. Where the words beside it begin and end is not exactly known."""
    heard = [WORDS[0], WORDS[2]]
    covered = unexplained(tone(2 * SECOND), heard, edge_ms)
    edge = edge_ms * SECOND // 1000
    behind = Span(start=int(1.2 * SECOND) - edge, end=2 * SECOND, label="unclear")
    assert covered[-2:] == [Span(start=int(0.4 * SECOND) - edge, end=SECOND + edge, label="unclear"), behind]
