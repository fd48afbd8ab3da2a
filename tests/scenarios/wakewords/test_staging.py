"""Staged recordings: the word is where it is said to be, gaps and noise are as asked, one seed gives one sound."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.wakewords.staging import GAPS_MS, Stage, drawn_stage, spoken, staged

RNG = np.random.default_rng(1)
WORD = np.concatenate([np.zeros(8_000), RNG.normal(0, 3_000, 9_600), np.zeros(6_000)]).astype(np.int16)
OTHER = (RNG.normal(0, 500, 16_000).astype(np.int16), RNG.normal(0, 500, 12_000).astype(np.int16))


def test_speech_is_found_between_quiet() -> None:
    assert spoken(WORD) == (8_000, 17_600)


@pytest.mark.parametrize("gap_ms", GAPS_MS)
def test_speech_behind_comes_after_its_gap(gap_ms: int) -> None:
    made = staged(WORD, OTHER, Stage(behind="speech", gap_ms=gap_ms, before_ms=500))
    assert (made.start, made.end) == (8_000, 17_600)
    gap = gap_ms * 16
    assert np.abs(made.pcm[made.end : made.end + gap]).max(initial=0) < 20
    behind = made.pcm[made.end + gap + 100 : made.end + gap + 12_000].astype(float)
    word = made.pcm[made.start + 100 : made.end - 100].astype(float)
    assert behind.std() == pytest.approx(word.std(), rel=0.1)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0])
def test_noise_is_as_loud_as_asked(snr_db: float) -> None:
    plain = staged(WORD, (), Stage(before_ms=500))
    noisy = staged(WORD, (), Stage(before_ms=500, over="pink", snr_db=snr_db, seed=3))
    noise = noisy.pcm.astype(float) - plain.pcm
    word = plain.pcm[plain.start : plain.end].astype(float)
    assert 20 * np.log10(word.std() / noise.std()) == pytest.approx(snr_db, abs=0.5)


def test_zeros_are_digital_zeros() -> None:
    made = staged(WORD, (), Stage(behind="zeros", before_ms=300))
    assert not made.pcm[: made.start].any()
    assert not made.pcm[made.end :].any()


@given(seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_any_stage_can_be_made_again(seed: int) -> None:
    stage = msgspec.structs.replace(drawn_stage(np.random.default_rng(seed)), place=None)
    one, again = (staged(WORD, OTHER, stage) for _ in range(2))
    np.testing.assert_array_equal(one.pcm, again.pcm)
    assert 0 <= one.start < one.end <= len(one.pcm)
