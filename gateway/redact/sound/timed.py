"""Places the words of a redacted transcript in the redacted sound, so that a page can follow it.

Nothing of a masked word comes back. A placeholder has the place of the covered sound it lies in, with everything else
that is covered there, and a word beside it begins or ends where the covered sound does. An attacker learns no more
than the covered sound and the transcript tell: where something of a class was said.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.text.transcript import placeholder
from gateway.wire import RATE_HZ, AsrToken
from gateway.word_times import CoveredPart, TimedWord

_PER_MS = RATE_HZ // 1000
_SLACK_S = 0.25  # a transcript's last word may end this long after the sound
_Range = tuple[int, int]


def timed_words(
    tokens: Sequence[AsrToken], spans: Sequence[Span], covered: Sequence[Span], samples: int
) -> list[TimedWord]:
    """Every word and placeholder of the masked transcript, in its order. A word that is masked in part is left out.

    `spans` are the masked characters of the transcript, sorted and apart. `covered` are the covered samples, likewise.
    Without covered samples the sound of masked words was kept, and a placeholder has the time of its words.
    """
    found = [*_placeholders(tokens, spans, covered, samples), *_shown(tokens, spans, covered, samples)]
    return sorted(found, key=lambda word: word.first)


def covered_parts(timed: Sequence[TimedWord], covered: Sequence[Span]) -> list[CoveredPart]:
    """Every covered stretch with the classes of the placeholders in it; its own label where there are none."""
    parts = []
    for start, end, label in ((*_in_ms(span), span.label) for span in covered):
        inside = [word.masked for word in timed if word.masked and word.start_ms == start]
        parts.append(CoveredPart(start_ms=start, end_ms=end, classes=tuple(dict.fromkeys(inside)) or (label,)))
    return parts


def _placeholders(
    tokens: Sequence[AsrToken], spans: Sequence[Span], covered: Sequence[Span], samples: int
) -> Iterator[TimedWord]:
    for at, span in enumerate(spans):
        touched = [token for token in tokens if token.range_start < span.end and token.range_end > span.start]
        place = _place(touched, samples)
        if covered and place:
            start, end = place
            place = next(
                (_in_ms(each) for each in covered if each.start < end * _PER_MS and each.end > start * _PER_MS), None
            )
        yield _timed(_moved(span.start, spans[:at]), len(placeholder(span.label)), place, span.label)


def _shown(
    tokens: Sequence[AsrToken], spans: Sequence[Span], covered: Sequence[Span], samples: int
) -> Iterator[TimedWord]:
    for token in tokens:
        before = [span for span in spans if span.start < token.range_end]
        if token.range_start == token.range_end or (before and before[-1].end > token.range_start):
            continue
        place = _place([token], samples)
        for each in covered:
            place = _beside(place, _in_ms(each)) if place else None
        yield _timed(_moved(token.range_start, before), token.range_end - token.range_start, place, None)


def _timed(first: int, length: int, place: _Range | None, masked: str | None) -> TimedWord:
    start, end = place or (None, None)
    return TimedWord(first=first, after=first + length, start_ms=start, end_ms=end, masked=masked)


def _moved(at: int, before: Sequence[Span]) -> int:
    """Where a character stands once the spans before it are placeholders."""
    return at + sum(len(placeholder(span.label)) - (span.end - span.start) for span in before)


def _place(words: Sequence[AsrToken], samples: int) -> _Range | None:
    """Milliseconds from the start of the first word to the end of the last one. None: these times are not in the sound.

    The place of a very short word has one millisecond.
    """
    longest = samples // _PER_MS
    times = [at for word in words for at in (word.time.start, word.time.end)]
    if not times or not all(0 <= at <= longest / 1000 + _SLACK_S for at in times):  # false for NaN
        return None
    start = round(min(times) * 1000)
    end = min(longest, max(start + 1, round(max(times) * 1000)))
    return (start, end) if start < end else None


def _beside(place: _Range, covered: _Range) -> _Range | None:
    """What is left of a word's place beside a covered stretch: the part before it, else the part behind it."""
    start, end = place
    if end <= covered[0] or start >= covered[1]:
        return place
    if start < covered[0]:
        return start, covered[0]
    return (covered[1], end) if covered[1] < end else None


def _in_ms(span: Span) -> _Range:
    """Whole milliseconds around samples, as the sound is covered."""
    return span.start // _PER_MS, -(-span.end // _PER_MS)
