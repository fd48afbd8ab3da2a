"""Whether a room answers is heard in the pauses; without one it is taken to."""

import numpy as np

from gateway.redact.align import WordTime
from gateway.redact.echo import rings
from gateway.wire import AsrToken, TokenTime

SECOND = 16_000
WORD = [
    AsrToken(value="stop", confidence=1.0, range_start=0, range_end=4, time=TokenTime(start=0.3, end=0.6)),
]
ALIGNED = [WordTime(start=int(0.3 * SECOND), end=int(0.6 * SECOND))]


def clip(decay_s: float, seconds: float = 1.2) -> bytes:
    """Noise, a word at .3 to .6 s, and what is left of it behind."""
    rng = np.random.default_rng(0)
    at = np.arange(int(seconds * SECOND)) / SECOND
    loud = np.where((at >= 0.3) & (at < 0.6), 3_000.0, 0.0)
    if decay_s:
        loud = np.where(at >= 0.6, 3_000.0 * np.exp(-(at - 0.6) / decay_s), loud)
    return np.rint(rng.standard_normal(len(at)) * (loud + 60.0)).astype(np.int16).tobytes()


def test_a_dry_clip_is_quiet_behind_its_last_word() -> None:
    assert not rings(clip(0.0), WORD, ALIGNED)
    assert rings(clip(0.05), WORD, ALIGNED)


def test_without_a_pause_it_is_taken_to_ring() -> None:
    assert rings(clip(0.0, seconds=0.7), WORD, ALIGNED)
    assert rings(b"", [], [])


def test_the_later_of_both_witnesses_counts() -> None:
    late = [WordTime(start=ALIGNED[0].start, end=int(0.5 * SECOND))]
    assert not rings(clip(0.0), WORD, late)
