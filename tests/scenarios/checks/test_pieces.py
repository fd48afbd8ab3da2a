"""Where a nearly silenced clip lies, by what is left of it; and that another recording lies nowhere."""

import numpy as np
import pytest

from scenarios.checks.pieces import piece_of
from tests.scenarios.world import recording

TRUTH = recording().astype(float)


def rest(start: int, end: int, cut: int = 0) -> np.ndarray:
    heard = np.zeros_like(TRUTH)
    heard[start:end] = TRUTH[start:end]
    return heard[cut:]


@pytest.mark.parametrize("level", [1.0, 0.05, -1.0])
@pytest.mark.parametrize("cut", [0, 777])
def test_a_rest_is_found_at_any_level_and_cut(level: float, cut: int) -> None:
    assert piece_of(TRUTH, level * rest(24_000, 27_200, cut)) == cut


def test_too_little_or_another_recording_is_nowhere() -> None:
    assert piece_of(TRUTH, rest(24_000, 24_800)) is None
    assert piece_of(TRUTH, np.zeros(9_000)) is None
    assert piece_of(TRUTH, np.zeros(0)) is None
    assert piece_of(TRUTH, recording(seed=8).astype(float)) is None
