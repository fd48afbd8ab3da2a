"""Of two copies of one utterance the one a person would rather hear has the higher number."""

import numpy as np
import pytest

from gateway.clip import Clip, GateDecision
from gateway.flow.copy_quality import copy_quality

RNG = np.random.default_rng(4)
TALK = np.concatenate([RNG.normal(0, loud, 8_000) for loud in (1, 8_000, 3_000, 6_000, 1)])


def quality(level: float = 1.0, noise: float = 30.0, score: float = 0.9, zeros: int = 0) -> float:
    sound = np.clip(TALK * level + np.random.default_rng(1).normal(0, noise, len(TALK)), -32_768, 32_767)
    pcm = np.concatenate([np.zeros(zeros), sound]).astype("<i2").tobytes()
    clip = Clip(site_id="s", session_id="s", at_ms=0, pcm=pcm, trigger="wake")
    decision = GateDecision(
        keep=True, reason="wake_word", wake_score=score, start_sample=4_000 + zeros, end_sample=36_000 + zeros
    )
    return copy_quality(clip, decision)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"noise": 300.0}),
        ({}, {"level": 0.2}),
        ({"level": 1.0}, {"level": 8.0}),  # overdriven
        ({"level": 0.5}, {"level": 0.5, "noise": 60.0}),
        ({"score": 0.9}, {"score": 0.5}),
    ],
)
def test_the_better_copy(better: dict[str, float], worse: dict[str, float]) -> None:
    assert quality(**better) > quality(**worse)  # type: ignore[arg-type]


def test_zeros_around_it_make_no_copy_better() -> None:
    assert quality(zeros=16_000) == pytest.approx(quality(), abs=0.5)


def test_nothing_has_no_quality() -> None:
    empty = Clip(site_id="s", session_id="s", at_ms=0, pcm=b"", trigger="wake")
    assert copy_quality(empty, GateDecision(keep=True, reason="wake_word")) == 0.0
