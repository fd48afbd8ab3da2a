"""Covers spans of sound with silence or a beep. pydub does the cutting.

All other samples stay as they are, except for a short fade. An attacker still learns where the covered words were and
how long they took.
"""

import warnings
from collections.abc import Sequence
from typing import Literal

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for ffmpeg at import; WAV needs none
    from pydub import AudioSegment
    from pydub.generators import Sine

from gateway.clip import Span
from gateway.redact.sound.masking import UntrustedTimes, union
from gateway.wire import RATE_HZ, SAMPLE_BYTES

_FADE_MS = 5  # against clicks, inside the covered span's padding
_BEEP_HZ, _BEEP_DBFS = 1_000, -20.0
_PER_MS = RATE_HZ // 1000


def cover(pcm: bytes, spans: Sequence[Span], with_: Literal["silence", "beep"] = "silence") -> bytes:
    """`pcm` (int16 mono) with every span covered. The number of samples stays; half a sample at the end is dropped.

    Spans may overlap and lie anywhere. pydub cuts at milliseconds, so a span grows outwards to whole ones.

    Raises:
        UntrustedTimes: the length came out wrong, so nothing may be served.
    """
    pcm = pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES]
    whole = pcm + bytes(-len(pcm) % (_PER_MS * SAMPLE_BYTES))  # pydub rounds a last part of a millisecond away
    sound = _segment(whole)
    for span in union([_clamped(span, len(pcm) // SAMPLE_BYTES) for span in spans]):
        start_ms, end_ms = span.start // _PER_MS, -(-span.end // _PER_MS)
        before, after = sound[:start_ms], sound[end_ms:]
        if len(before) > _FADE_MS:
            before = before.fade_out(_FADE_MS)
        if len(after) > _FADE_MS:
            after = after.fade_in(_FADE_MS)
        gap = _filled(len(sound.raw_data) - len(before.raw_data) - len(after.raw_data), with_)
        sound = before + gap + after
    if len(sound.raw_data) != len(whole):
        raise UntrustedTimes
    covered: bytes = sound.raw_data[: len(pcm)]
    return covered


def _clamped(span: Span, samples: int) -> Span:
    return Span(start=max(0, min(span.start, samples)), end=max(0, min(span.end, samples)), label=span.label)


def _filled(size: int, with_: Literal["silence", "beep"]) -> AudioSegment:
    """`size` bytes of silence, or of a tone with a soft beginning and end."""
    if with_ == "silence" or not size:
        return _segment(bytes(size))
    ms = size // SAMPLE_BYTES // _PER_MS
    tone = Sine(_BEEP_HZ, sample_rate=RATE_HZ, bit_depth=16).to_audio_segment(duration=ms, volume=_BEEP_DBFS)
    if ms > 2 * _FADE_MS:
        tone = tone.fade_in(_FADE_MS).fade_out(_FADE_MS)
    return _segment(tone.raw_data[:size].ljust(size, b"\0"))


def _segment(pcm: bytes) -> AudioSegment:
    return AudioSegment(pcm, sample_width=SAMPLE_BYTES, frame_rate=RATE_HZ, channels=1)
