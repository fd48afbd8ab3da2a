"""The sound of masked words, silenced; the container, rebuilt from samples.

Where words lie comes from the transcript's own times, padded. An attacker still learns where and how long the
masked words were.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for ffmpeg at import; WAV needs none
    from pydub import AudioSegment

from gateway.clip import Span
from gateway.wire import RATE_HZ, SAMPLE_BYTES, AsrToken

_FADE_MS = 5  # against clicks, inside the silenced span's padding
PEAK_COLUMNS = 240


class UntrustedTimes(ValueError):
    """The transcript's word times cannot be where the words are: the audio must be withheld."""


def spans_in_audio(char_spans: Sequence[Span], tokens: Sequence[AsrToken], *, samples: int, pad_ms: int) -> list[Span]:
    """Sample spans of the words that touch `char_spans`, padded, clamped to 0..samples, merged.

    Raises:
        UntrustedTimes: a masked character belongs to no word, or times run backwards or past the audio.
    """
    pad = pad_ms * RATE_HZ // 1000
    previous = 0.0
    for token in tokens:
        if not previous <= token.time.start <= token.time.end or token.time.end * RATE_HZ > samples + RATE_HZ // 4:
            raise UntrustedTimes
        previous = token.time.start
    found = []
    for span in char_spans:
        touched = [t for t in tokens if t.range_start < span.end and t.range_end > span.start]
        if not touched:
            raise UntrustedTimes
        start = int(touched[0].time.start * RATE_HZ) - pad
        end = int(touched[-1].time.end * RATE_HZ) + pad
        found.append(Span(start=max(0, start), end=min(samples, end), label=span.label))
    return _union(found)


def _union(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(start=last.start, end=max(last.end, span.end), label=last.label)
        elif span.start < span.end:
            merged.append(span)
    return merged


def silence(pcm: bytes, spans: Sequence[Span]) -> bytes:
    """`pcm` (int16 mono) with every span silent; the sample count stays.

    pydub cuts at milliseconds, so a span grows outwards to whole ones.
    """
    per_ms = RATE_HZ // 1000
    whole = pcm + bytes(-len(pcm) % (per_ms * SAMPLE_BYTES))  # pydub rounds a last part of a millisecond away
    sound = _segment(whole)
    for span in spans:
        start_ms, end_ms = span.start // per_ms, -(-span.end // per_ms)
        before, after = sound[:start_ms], sound[end_ms:]
        if len(before) > _FADE_MS:
            before = before.fade_out(_FADE_MS)
        if len(after) > _FADE_MS:
            after = after.fade_in(_FADE_MS)
        gap = _segment(bytes(len(sound.raw_data) - len(before.raw_data) - len(after.raw_data)))
        sound = before + gap + after
    if len(sound.raw_data) != len(whole):
        raise UntrustedTimes
    silenced: bytes = sound.raw_data[: len(pcm)]
    return silenced


def _segment(pcm: bytes) -> AudioSegment:
    return AudioSegment(pcm, sample_width=SAMPLE_BYTES, frame_rate=RATE_HZ, channels=1)


def peaks(pcm: bytes, columns: int = PEAK_COLUMNS) -> list[int]:
    """Loudest sample of each of `columns` equal stretches, 0..100 of full scale."""
    samples: npt.NDArray[np.int32] = np.abs(np.frombuffer(pcm, np.int16).astype(np.int32))
    if not len(samples):
        return []
    edges = np.linspace(0, len(samples), min(columns, len(samples)) + 1).astype(int)[:-1]
    return [int(value) * 100 // 32_768 for value in np.maximum.reduceat(samples, edges)]
