"""What the engine says is kept with the takes it was said of; what a fit may learn from."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from gateway.files import BadFile
from scenarios.wakewords.answers import Answers, ask_engine, keep, kept
from scenarios.wakewords.corpus import takes


@pytest.fixture
def answers() -> Answers:
    """Two requests and two confusables of any sound."""
    asked = (*takes(2, kind="wake", seed=1), *takes(2, kind="confusable", seed=1))
    windows = np.random.default_rng(1).standard_normal((4, 20, 96)).astype(np.float16)
    return Answers(takes=asked, peaks=np.ones(4, np.float32), at=np.full(4, 12), windows=windows)


@pytest.mark.slow
def test_answers_come_in_the_takes_order_whoever_heard_them() -> None:
    asked = [*takes(3, kind="wake", seed=5), *takes(3, kind="ordinary", seed=5)]
    heard: list[int] = []
    said = ask_engine(asked, told=heard.append)
    assert said.takes == tuple(asked)
    assert heard == [6]
    alone = ask_engine(asked[1:2])
    assert np.array_equal(alone.windows[0], said.windows[1])
    assert alone.peaks[0] == said.peaks[1] > 0


def test_a_fit_learns_from_candidates_and_of_requests_where_the_word_can_be(answers: Answers) -> None:
    def usable(peak: float, hop: int) -> list[bool]:
        changed = msgspec.structs.replace(answers, peaks=np.full(4, peak, np.float32), at=np.full(4, hop))
        return [bool(each) for each in changed.usable]

    assert usable(0.5, 60) == usable(0.01, 12) == [True] * 4
    assert usable(0.01, 60) == usable(0.01, 2) == [False, False, True, True]
    assert usable(0.001, 12) == [False] * 4


def test_answers_are_kept_and_not_taken_for_those_of_another_corpus(answers: Answers, tmp_path: Path) -> None:
    keep(answers, tmp_path / "answers.npz")
    again = kept(tmp_path / "answers.npz", answers.takes)
    assert np.array_equal(again.windows, answers.windows)
    for asked in (answers.takes[1:], answers.takes[::-1]):
        with pytest.raises(BadFile, match="another corpus"):
            kept(tmp_path / "answers.npz", asked)
    (tmp_path / "answers.npz").write_bytes(b"no")
    with pytest.raises(BadFile):
        kept(tmp_path / "answers.npz", answers.takes)
