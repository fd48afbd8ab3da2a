"""The transcript follows the sound, and nothing of what is masked comes back by the times."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clip import Span
from gateway.redact.sound.timed import covered_parts, timed_words
from gateway.redact.text.transcript import mask, merge
from gateway.wire import AsrToken, TokenTime
from gateway.word_times import TimedWord

SECOND = 16_000


def tokens(*words: tuple[str, float, float]) -> list[AsrToken]:
    found, at = [], 0
    for value, start, end in words:
        time = TokenTime(start=start, end=end)
        found.append(AsrToken(value=value, confidence=1.0, range_start=at, range_end=at + len(value), time=time))
        at += len(value) + 1
    return found


def span(start: float, end: float, label: str) -> Span:
    return Span(start=int(start * SECOND), end=int(end * SECOND), label=label)


SAID = tokens(("call", 0.2, 0.5), ("laura", 0.5, 0.9), ("reed", 0.9, 1.2), ("on", 1.2, 1.4), ("5410142", 1.4, 2.6))
TEXT = "call laura reed on 5410142"
HIDDEN = [Span(start=5, end=15, label="contact"), Span(start=19, end=26, label="phone")]
MASKED = "call [contact] on [phone]"


def shown(found: list[TimedWord]) -> list[tuple[str, int | None, int | None, str | None]]:
    return [(MASKED[each.first : each.after], each.start_ms, each.end_ms, each.masked) for each in found]


def test_shown_words_keep_their_times_and_placeholders_have_the_covered_sounds() -> None:
    assert mask(TEXT, HIDDEN) == MASKED
    covered = [span(0.48, 1.25, "contact"), span(1.35, 2.7, "phone")]
    found = timed_words(SAID, HIDDEN, covered, 3 * SECOND)
    assert shown(found) == [
        ("call", 200, 480, None),
        ("[contact]", 480, 1250, "contact"),
        ("on", 1250, 1350, None),
        ("[phone]", 1350, 2700, "phone"),
    ]
    assert [(each.start_ms, each.classes) for each in covered_parts(found, covered)] == [
        (480, ("contact",)),
        (1350, ("phone",)),
    ]


def test_what_is_covered_together_has_one_place_and_all_its_classes() -> None:
    covered = [span(0.48, 2.7, "contact"), span(2.8, 3.0, "unclear")]
    found = timed_words(SAID, HIDDEN, covered, 3 * SECOND)
    assert shown(found) == [
        ("call", 200, 480, None),
        ("[contact]", 480, 2700, "contact"),
        ("on", None, None, None),
        ("[phone]", 480, 2700, "phone"),
    ]
    assert [each.classes for each in covered_parts(found, covered)] == [("contact", "phone"), ("unclear",)]


def test_where_the_sound_was_kept_the_transcripts_times_count() -> None:
    found = timed_words(SAID, HIDDEN, [], 3 * SECOND)
    assert [each[1:] for each in shown(found)] == [
        (200, 500, None),
        (500, 1200, "contact"),
        (1200, 1400, None),
        (1400, 2600, "phone"),
    ]
    assert covered_parts(found, []) == []


@pytest.mark.parametrize("at", [(float("nan"), 1.0), (-0.1, 0.4), (0.4, 9.0), (float("inf"), float("inf"))])
def test_times_outside_the_sound_are_no_times(at: tuple[float, float]) -> None:
    (found,) = timed_words(tokens(("call", *at)), [], [], SECOND)
    assert (found.start_ms, found.end_ms) == (None, None)


def test_a_word_masked_in_part_is_left_out() -> None:
    found = timed_words(tokens(("laura's", 0.0, 0.5)), [Span(start=0, end=5, label="contact")], [], SECOND)
    assert [(each.first, each.after, each.masked) for each in found] == [(0, 9, "contact")]


@st.composite
def talks(draw: st.DrawFn) -> tuple[list[AsrToken], list[Span], list[Span], int]:
    words = draw(st.lists(st.text("abcé5", min_size=1, max_size=8), min_size=1, max_size=8))
    edges = sorted(draw(st.lists(st.integers(0, 3000), min_size=2 * len(words), max_size=2 * len(words))))
    said = tokens(*((word, edges[2 * at] / 1000, edges[2 * at + 1] / 1000) for at, word in enumerate(words)))
    length = said[-1].range_end
    place = st.tuples(st.integers(0, length), st.integers(0, length)).map(sorted)
    labels = st.sampled_from(["contact", "bank_account", "unclear"])
    hidden = merge(Span(start=a, end=b, label=label) for (a, b), label in draw(st.lists(st.tuples(place, labels))))
    starts = sorted(draw(st.lists(st.integers(0, 48_000), max_size=6, unique=True)))
    covered = [Span(start=a, end=b, label="unclear") for a, b in itertools.pairwise(starts)][::2]
    return said, hidden, covered, 48_000


@given(talks())
def test_every_word_stands_in_the_masked_transcript_and_in_audible_sound(
    talk: tuple[list[AsrToken], list[Span], list[Span], int],
) -> None:
    said, hidden, covered, samples = talk
    text = " ".join(token.value for token in said)
    masked = mask(text, hidden)
    found = timed_words(said, hidden, covered, samples)
    places = {(each.start_ms, each.end_ms) for each in covered_parts(found, covered)}
    for one, other in itertools.pairwise(found):
        assert one.after <= other.first
    for each in found:
        word = masked[each.first : each.after]
        if each.masked:
            assert word == f"[{each.masked.replace('_', ' ')}]"
            assert not covered or each.start_ms is None or (each.start_ms, each.end_ms) in places
        else:
            assert word in [token.value for token in said]
            assert each.start_ms is None or not any(a < each.end_ms and each.start_ms < b for a, b in places)
    # The same words said for another time under the same cover look the same.
    if covered and hidden:
        slower = [
            msgspec.structs.replace(token, time=TokenTime(start=token.time.start, end=token.time.start))
            if any(token.range_start < each.end and token.range_end > each.start for each in hidden)
            else token
            for token in said
        ]
        again = timed_words(slower, hidden, covered, samples)
        assert [each for each in again if not each.masked] == [each for each in found if not each.masked]
