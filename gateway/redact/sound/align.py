"""Finds each word of a transcript in the sound by forced alignment.

pocketsphinx aligns within about 10 ms on clean synthetic speech. It fails on sound without noise, so noise is added. It
stays broken after a failure, so each call uses a new decoder. Without an answer the caller must withhold the audio.
"""

import re
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from pocketsphinx import Decoder

from gateway.redact.sound.pronounce import phones, sayable
from gateway.wire import RATE_HZ

_NOISE_DB = 25.0  # below the clip's own level
_FRAME = RATE_HZ // 100
_VARIANT = re.compile(r"\(\d+\)$")
_MAX_SECONDS = 60


class WordTime(msgspec.Struct, frozen=True, kw_only=True):
    """Samples [start, end) of one word."""

    start: int
    end: int


class Aligner(Protocol):
    """Finds words in sound. Not thread-safe."""

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        """One time per word, in their order; None when the words cannot be found in the sound.

        `pcm` is int16 mono at 16 kHz.
        """


class PocketSphinx:
    """Forced alignment with the en-us model of the wheel. Decoders are made when first needed.

    The same sound and words give the same times, whatever came before.
    """

    def __init__(self) -> None:
        # With silence between words first: boundaries at pauses are sharper. Without it more clips succeed.
        self._decoders: dict[bool, Decoder] = {}

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        pieces = [sayable(word) for word in words]
        said = [piece for group in pieces for piece in group]
        if not all(pieces) or not said or not len(pcm) // 2 or len(pcm) > 2 * RATE_HZ * _MAX_SECONDS:
            return None
        sound = _noisy(pcm)
        for pauses in (True, False):
            found = self._try(pauses, sound, said)
            if found is not None:
                return _grouped(found, pieces)
        return None

    def _try(self, pauses: bool, sound: bytes, said: list[str]) -> list[WordTime] | None:
        decoder = self._decoders.get(pauses) or Decoder(lm=None, fsgusefiller=pauses, loglevel="FATAL")
        self._decoders[pauses] = decoder
        try:
            for word in said:
                if decoder.lookup_word(word) is None:
                    decoder.add_word(word, phones(word), True)
            decoder.reinit_feat()
            decoder.set_align_text(" ".join(said) if pauses else f"<sil> {' '.join(said)} <sil>")
            decoder.start_utt()
            decoder.process_raw(sound, full_utt=True)
            decoder.end_utt()
            found = [
                (_VARIANT.sub("", segment.word), WordTime(start=segment.start_frame * _FRAME, end=_after(segment)))
                for segment in (decoder.seg() if decoder.hyp() else ())
                if not segment.word.startswith(("<", "["))
            ]
        except (RuntimeError, ValueError):
            found = []
        if [word for word, _ in found] != said:
            del self._decoders[pauses]  # a failed decoder stays broken
            return None
        return [time for _, time in found]


def _after(segment: object) -> int:
    return (int(getattr(segment, "end_frame", 0)) + 1) * _FRAME


def _noisy(pcm: bytes) -> bytes:
    """The sound with faint noise, the same each time: on silence the aligner's features are undefined."""
    sound = np.frombuffer(pcm, np.int16, len(pcm) // 2).astype(np.float64)
    level = max(float(np.sqrt(np.mean(sound**2))), 30.0) * 10 ** (-_NOISE_DB / 20)
    noise = np.random.default_rng(0).standard_normal(len(sound)) * level
    return np.clip(np.rint(sound + noise), -32_768, 32_767).astype(np.int16).tobytes()


def _grouped(found: Sequence[WordTime], pieces: Sequence[Sequence[str]]) -> list[WordTime]:
    times, at = [], 0
    for group in pieces:
        times.append(WordTime(start=found[at].start, end=found[at + len(group) - 1].end))
        at += len(group)
    return times
