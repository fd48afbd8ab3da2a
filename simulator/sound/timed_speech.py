"""What a voice maker gives: samples, and where in them each word lies."""

import msgspec
import numpy as np


class SpeechError(RuntimeError):
    """The synthesiser cannot be used, or it did not speak the text."""


class TimedWord(msgspec.Struct, frozen=True, kw_only=True):
    """One whitespace-separated word of the text and its samples [start, end)."""

    text: str
    start: int
    end: int


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """`pcm` is int16 mono at 16 kHz."""

    pcm: np.ndarray
    words: tuple[TimedWord, ...]
