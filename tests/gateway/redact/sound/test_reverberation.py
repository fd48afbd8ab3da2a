"""How long a room answers is heard in the pauses, and only there."""

import msgspec
import numpy as np

from gateway.redact.sound.align import WordTime
from gateway.redact.sound.reverberation import echo_ms
from gateway.wire import AsrToken, TokenTime

SECOND = 16_000
WORD = [
    AsrToken(value="stop", confidence=1.0, range_start=0, range_end=4, time=TokenTime(start=0.3, end=0.6)),
]
ALIGNED = [WordTime(start=int(0.3 * SECOND), end=int(0.6 * SECOND))]


def clip(decay_s: float, seconds: float = 1.2, noise: float = 60.0) -> bytes:
    """Noise, a word at .3 to .6 s, and what is left of it behind."""
    rng = np.random.default_rng(0)
    at = np.arange(int(seconds * SECOND)) / SECOND
    loud = np.where((at >= 0.3) & (at < 0.6), 3_000.0, 0.0)
    if decay_s:
        loud = np.where(at >= 0.6, 3_000.0 * np.exp(-(at - 0.6) / decay_s), loud)
    return np.rint(rng.standard_normal(len(at)) * (loud + noise)).astype(np.int16).tobytes()


def test_a_dry_clip_is_quiet_behind_its_last_word() -> None:
    assert echo_ms(clip(0.0), WORD, ALIGNED) == 0
    short, long = (echo_ms(clip(decay), WORD, ALIGNED) for decay in (0.02, 0.05))
    assert short is not None
    assert long is not None
    assert 30 <= short < long <= 300


def test_without_a_pause_nobody_can_tell() -> None:
    assert echo_ms(clip(0.0, seconds=0.7), WORD, ALIGNED) is None
    assert echo_ms(b"", [], []) is None


def test_the_later_of_both_witnesses_counts() -> None:
    late = [WordTime(start=ALIGNED[0].start, end=int(0.5 * SECOND))]
    assert echo_ms(clip(0.0), WORD, late) == 0


def test_in_loud_noise_a_quiet_pause_proves_little() -> None:
    """The word lies 10 dB over the noise, then 15 dB."""
    assert echo_ms(clip(0.0, noise=1_300.0), WORD, ALIGNED) == 20
    assert echo_ms(clip(0.0, noise=650.0), WORD, ALIGNED) == 0
    longer = echo_ms(clip(0.2, noise=1_300.0), WORD, ALIGNED)
    assert longer is not None
    assert longer > 20


def test_the_noise_is_compared_with_what_both_witnesses_call_the_word() -> None:
    """A transcript whose times reach far into the pauses makes no loud noise of a faint one."""
    wide = [msgspec.structs.replace(WORD[0], time=TokenTime(start=0.0, end=0.75))]
    assert echo_ms(clip(0.0, noise=650.0), wide, ALIGNED) == 0
    apart = [WordTime(start=int(0.7 * SECOND), end=int(0.8 * SECOND))]
    assert echo_ms(clip(0.0, noise=650.0), WORD, apart) == 20  # no word in both: nothing is known of it


def test_in_loud_noise_without_a_pause_nobody_can_tell() -> None:
    assert echo_ms(clip(0.0, seconds=0.7, noise=1_300.0), WORD, ALIGNED) is None
