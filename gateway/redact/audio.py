"""The sound of masked words, silenced or beeped; where it lies, by two witnesses.

The transcript's own word times and a forced alignment must agree within the contract's bound; what either of them
claims is covered, padded and merged. Sound that no word of the transcript explains can be covered too: what nobody
wrote down nobody checked. An attacker still learns where and how long the covered words were.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gateway.clip import Span
from gateway.redact.align import WordTime
from gateway.wire import RATE_HZ, AsrToken

PEAK_COLUMNS = 240
_FRAME = RATE_HZ // 100
_PER_MS = RATE_HZ // 1000
_SLACK = RATE_HZ // 4  # a transcript's last word may end this long after the sound
_EXPLAINED = 20 * _PER_MS  # around each word
_LEAST_FRAMES = 8  # of unexplained sound: shorter is the edge of a word
_AUDIBLE_DB = -15.0  # below the words' own median level
_UNCLEAR = "unclear"


class UntrustedTimes(ValueError):
    """The transcript's word times cannot be where the words are: the audio must be withheld."""


class NoAgreement(UntrustedTimes):
    """The alignment failed, or says another place than the transcript: the audio must be withheld."""


def spans_in_audio(
    char_spans: Sequence[Span],
    tokens: Sequence[AsrToken],
    *,
    samples: int,
    pad_ms: int,
    tail_ms: int = 0,
    aligned: Sequence[WordTime] | None = None,
    bound_ms: int = 0,
) -> list[Span]:
    """Sample spans of the words that touch `char_spans`, padded, clamped to 0..samples, merged.

    `tail_ms` is added behind each, for a room's echo. `aligned` has one time per token; without it the transcript
    is taken at its word.

    Raises:
        UntrustedTimes: a masked character belongs to no word, or times run backwards or past the audio.
        NoAgreement: an edge of a masked run of words is further than `bound_ms` from its aligned place.
    """
    _plausible(tokens, samples, disorder_ms=bound_ms if aligned is not None else 0)
    before, after = pad_ms * _PER_MS, (pad_ms + tail_ms) * _PER_MS
    found = []
    for span in char_spans:
        touched = [at for at, t in enumerate(tokens) if t.range_start < span.end and t.range_end > span.start]
        if not touched:
            raise UntrustedTimes
        start = int(min(tokens[at].time.start for at in touched) * RATE_HZ)
        end = int(max(tokens[at].time.end for at in touched) * RATE_HZ)
        if aligned is not None:
            start, end = _both(start, end, aligned[touched[0]].start, aligned[touched[-1]].end, bound_ms * _PER_MS)
        found.append(Span(start=max(0, start - before), end=min(samples, end + after), label=span.label))
    return union(found)


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


def unexplained(pcm: bytes, tokens: Sequence[AsrToken]) -> list[Span]:
    """Sample spans of sound as loud as speech where the transcript has no word; labelled "unclear".

    A word the recogniser left out is heard here. Loud noise between words is covered as well.
    """
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    frames = len(sound) // _FRAME
    if not frames:
        return []
    level = np.sqrt(np.mean(sound[: frames * _FRAME].reshape(frames, _FRAME) ** 2, axis=1))
    spoken = np.zeros(frames, bool)
    for token in tokens:
        start, end = int(token.time.start * RATE_HZ) - _EXPLAINED, int(token.time.end * RATE_HZ) + _EXPLAINED
        spoken[max(0, start // _FRAME) : max(0, -(-end // _FRAME))] = True
    if not spoken.any():
        return []
    loud = ~spoken & (level > np.median(level[spoken]) * 10 ** (_AUDIBLE_DB / 20))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.view(np.int8), [0]])))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= _LEAST_FRAMES]
    return [Span(start=a * _FRAME, end=b * _FRAME, label=_UNCLEAR) for a, b in runs]


def union(spans: Sequence[Span]) -> list[Span]:
    """Sorted; what overlaps or touches is one span with the label of its first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(start=last.start, end=max(last.end, span.end), label=last.label)
        elif span.start < span.end:
            merged.append(span)
    return merged


def peaks(pcm: bytes, columns: int = PEAK_COLUMNS) -> list[int]:
    """Loudest sample of each of `columns` equal stretches, 0..100 of full scale."""
    samples: npt.NDArray[np.int32] = np.abs(np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.int32))
    if not len(samples):
        return []
    edges = np.linspace(0, len(samples), min(columns, len(samples)) + 1).astype(int)[:-1]
    return [int(value) * 100 // 32_768 for value in np.maximum.reduceat(samples, edges)]
