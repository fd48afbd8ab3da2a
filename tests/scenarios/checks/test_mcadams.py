"""The harness's own distortion: what an unmoved pole must give, frame by frame and in silence."""

import numpy as np

from scenarios.checks.mcadams import Distorter
from tests.scenarios.world import recording


def test_a_coefficient_of_one_moves_nothing() -> None:
    signal = recording(seed=3, seconds=1.0).astype(float)
    signal[4_000:7_000] = 0
    made = Distorter(signal).distorted(1.0)
    assert len(made) == len(signal)
    inner = slice(320, -320)
    assert np.abs(made[inner] - signal[inner]).max() < 0.02 * np.abs(signal).max()
    assert not made[4_400:6_600].any()


def test_another_coefficient_moves_formants_and_no_silence() -> None:
    signal = recording(seed=3, seconds=1.0).astype(float)
    signal[4_000:7_000] = 0
    made = Distorter(signal).distorted(0.7)
    assert np.abs(made - signal).max() > 0.2 * np.abs(signal).max()
    assert not made[4_400:6_600].any()
