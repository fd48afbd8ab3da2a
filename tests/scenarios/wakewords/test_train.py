"""The training command repeats itself byte for byte, says what it heard, and fits what can be told apart."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gateway.files import BadFile
from gateway.gate.verify import SHIPPED, load_verifier
from scenarios.wakewords.answers import Answers
from scenarios.wakewords.corpus import takes
from scenarios.wakewords.train import chosen_sources, corpus, fit


def train(out: Path) -> str:
    command = [sys.executable, "-m", "scenarios.wakewords.train", "--quick", "--sources", "espeak", "--out", str(out)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.slow
@pytest.mark.slow
def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    said = [train(tmp_path / name) for name in ("a.npz", "b.npz")]
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert all(line.startswith("sources espeak;") for line in said)
    assert load_verifier(tmp_path / "a.npz").scores(np.zeros((2, 20, 96), np.float32), np.ones(2)).shape == (2,)


@pytest.fixture
def answers() -> Answers:
    """Requests whose windows stand out."""
    rng = np.random.default_rng(1)
    asked = (*takes(200, kind="wake", seed=1), *takes(300, kind="confusable", seed=1))
    windows = rng.standard_normal((500, 20, 96)).astype(np.float32)
    windows[:200, 12:] += 3.0
    return Answers(
        takes=asked, peaks=np.ones(500, np.float32), at=np.zeros(500, int), windows=windows.astype(np.float16)
    )


def test_what_can_be_told_apart_is(answers: Answers) -> None:
    windows = answers.windows
    fitted = fit(answers, seed=1, members=1)
    hidden = np.maximum(windows.reshape(500, -1) @ fitted["hidden"].astype(float) + fitted["hidden_bias"], 0)
    said = hidden @ fitted["out"] + fitted["out_bias"] > 0
    assert (said == answers.wanted).mean() > 0.95


def test_weights_too_large_for_the_file_are_refused(answers: Answers) -> None:
    faint = Answers(
        takes=answers.takes,
        peaks=answers.peaks,
        at=answers.at,
        windows=(answers.windows.astype(np.float32) * 2e-7).astype(np.float16),
    )
    with pytest.raises(BadFile, match="no finite verifier"):
        fit(faint, seed=1, members=1)


def test_training_hears_nothing_held_out() -> None:
    heard = list(corpus(0.01, ("espeak", "flite"), seed=1))
    assert {take.source for take in heard} == {"espeak", "flite"}
    assert all(take.voice_split == take.phrase_split == "train" for take in heard)


@pytest.mark.parametrize("named", ["", "festival", "espeak,festival", "espeak,espeak"])
def test_an_unknown_source_is_refused(named: str) -> None:
    with pytest.raises(BadFile):
        chosen_sources(named)


def test_the_shipped_model_says_what_it_was_fitted_on() -> None:
    with np.load(SHIPPED, allow_pickle=False) as fitted:
        assert set(fitted["sources"]) == {"espeak", "flite"}
