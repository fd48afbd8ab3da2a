"""Finds the sound of masked words from two sources: the transcript's word times and a forced alignment.

The two must agree within the contract's bound. The range of either is covered, padded and merged. The padding ends
where both say that another word has begun, but a minimal edge is always covered. Sound that no word of the
transcript explains can be covered too, because its words were not checked. An attacker still learns where and how
long the covered words were.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.clip import Span
from gateway.redact.sound.align import WordTime
from gateway.wire import RATE_HZ, AsrToken

PEAK_COLUMNS = 240
_FRAME = RATE_HZ // 100
_PER_MS = RATE_HZ // 1000
_SLACK = RATE_HZ // 4  # a transcript's last word may end this long after the sound
_EXPLAINED = 20 * _PER_MS  # around each word nothing is looked for
_LEAST_FRAMES = 8  # of unexplained sound: shorter is the edge of a word
_AUDIBLE_DB = -15.0  # below the words' own median level
_UNCLEAR = "unclear"
_LONGEST_S = 3_600.0


class UntrustedTimes(ValueError):
    """The transcript's word times cannot be where the words are: the audio must be withheld."""


class NoAgreement(UntrustedTimes):
    """The alignment failed, or says another place than the transcript: the audio must be withheld."""


class Margins(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds that are covered around a masked word.

    `pad` is covered as far as no other word is there. `edge` is covered in any case. `tail` is a room's echo behind
    the word: it is covered in any case, and behind the padding where it is quiet.
    """

    pad: int
    edge: int
    tail: int = 0


def spans_in_audio(
    char_spans: Sequence[Span],
    tokens: Sequence[AsrToken],
    *,
    samples: int,
    margins: Margins,
    aligned: Sequence[WordTime] | None = None,
    bound_ms: int = 0,
) -> list[Span]:
    """Sample spans of the words that touch `char_spans`: padded, clamped to 0..samples, and merged.

    `aligned` has one time for each token. Without it the transcript's times are taken as they are, and the padding
    covers neighbouring words, because nothing confirms where they are.

    Raises:
        UntrustedTimes: a masked character belongs to no word, or times run backwards or past the audio.
        NoAgreement: an edge of a masked run of words is further than `bound_ms` from its aligned place.
    """
    _plausible(tokens, samples, disorder_ms=bound_ms if aligned is not None else 0)
    runs = [_touched(span, tokens) for span in char_spans]
    masked = {at for first, last in runs for at in range(first, last + 1)}
    found = []
    for span, (first, last) in zip(char_spans, runs, strict=True):
        start = int(min(token.time.start for token in tokens[first : last + 1]) * RATE_HZ)
        end = int(max(token.time.end for token in tokens[first : last + 1]) * RATE_HZ)
        begun, ended = 0, samples  # where the words beside this run end and begin
        if aligned is not None:
            start, end = _both(start, end, aligned[first].start, aligned[last].end, bound_ms * _PER_MS)
            if first > 0 and first - 1 not in masked:
                begun = min(int(tokens[first - 1].time.end * RATE_HZ), aligned[first - 1].end)
            if last + 1 < len(tokens) and last + 1 not in masked:
                ended = max(int(tokens[last + 1].time.start * RATE_HZ), aligned[last + 1].start)
        start, end = _padded(start, end, begun, ended, margins)
        found.append(Span(start=max(0, start), end=min(samples, end), label=span.label))
    return union(found)


def _touched(span: Span, tokens: Sequence[AsrToken]) -> tuple[int, int]:
    """The first and the last word under a span of characters. Raises UntrustedTimes."""
    touched = [at for at, t in enumerate(tokens) if t.range_start < span.end and t.range_end > span.start]
    if not touched:
        raise UntrustedTimes
    return touched[0], touched[-1]


def _padded(start: int, end: int, begun: int, ended: int, margins: Margins) -> tuple[int, int]:
    before = max(start - margins.pad * _PER_MS, begun)
    behind = min(end + (margins.pad + margins.tail) * _PER_MS, ended)
    return min(start - margins.edge * _PER_MS, before), max(end + (margins.edge + margins.tail) * _PER_MS, behind)


def _plausible(tokens: Sequence[AsrToken], samples: int, disorder_ms: int) -> None:
    """Raises UntrustedTimes. With a second witness, a word may begin up to `disorder_ms` before the one ahead."""
    latest = 0.0
    for token in tokens:
        # Written so that a NaN fails too.
        ordered = token.time.start >= 0.0 and latest - disorder_ms / 1000 <= token.time.start
        if not (ordered and token.time.start <= token.time.end <= (samples + _SLACK) / RATE_HZ):
            raise UntrustedTimes
        latest = max(latest, token.time.start)


def _both(start: int, end: int, aligned_start: int, aligned_end: int, bound: int) -> tuple[int, int]:
    if abs(start - aligned_start) > bound or abs(end - aligned_end) > bound:
        raise NoAgreement
    return min(start, aligned_start), max(end, aligned_end)


def unexplained(pcm: bytes, tokens: Sequence[AsrToken], edge_ms: int = 0) -> list[Span]:
    """Sample spans of sound as loud as speech where the transcript has no word. Their label is "unclear".

    The recogniser may have left out a word there. The whole space between two words is covered, with its quiet edges.
    So are `edge_ms` of the words beside it, because their times are not exact. Loud noise between words is covered too.

    Raises:
        UntrustedTimes: a time that is no number, or beyond the longest clip.
    """
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    frames = len(sound) // _FRAME
    if not frames:
        return []
    level = np.sqrt(np.mean(sound[: frames * _FRAME].reshape(frames, _FRAME) ** 2, axis=1))
    spoken, near = np.zeros(frames, bool), np.zeros(frames, bool)
    for token in tokens:
        start, end = samples_at(token.time.start), samples_at(token.time.end)
        spoken[max(0, start // _FRAME) : max(0, -(-end // _FRAME))] = True
        near[max(0, (start - _EXPLAINED) // _FRAME) : max(0, -(-(end + _EXPLAINED) // _FRAME))] = True
    if not spoken.any():
        return []
    loud = ~near & (level > np.median(level[spoken]) * 10 ** (_AUDIBLE_DB / 20))
    heard = [start for start, end in _runs(loud) if end - start >= _LEAST_FRAMES]
    edge, most = edge_ms * _PER_MS, len(sound)
    return [
        Span(start=max(0, a * _FRAME - edge), end=min(most, b * _FRAME + edge), label=_UNCLEAR)
        for a, b in _runs(~spoken)
        if any(a <= start < b for start in heard)
    ]


def _runs(frames: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[first, after) of every run of true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.view(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def samples_at(seconds: float) -> int:
    """The sample of a moment. Raises UntrustedTimes: NaN, or further than any clip is long."""
    if not abs(seconds) <= _LONGEST_S:
        raise UntrustedTimes
    return int(seconds * RATE_HZ)


def union(spans: Sequence[Span]) -> list[Span]:
    """Sorted spans. Those that overlap or touch become one, with the label of the first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(start=last.start, end=max(last.end, span.end), label=last.label)
        elif span.start < span.end:
            merged.append(span)
    return merged


def peaks(pcm: bytes, columns: int = PEAK_COLUMNS) -> list[int]:
    """The loudest sample of each of `columns` equal stretches, 0..100 of full scale."""
    samples: npt.NDArray[np.int32] = np.abs(np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.int32))
    if not len(samples):
        return []
    edges = np.linspace(0, len(samples), min(columns, len(samples)) + 1).astype(int)[:-1]
    return [int(value) * 100 // 32_768 for value in np.maximum.reduceat(samples, edges)]
