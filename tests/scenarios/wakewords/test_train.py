"""The training command repeats itself byte for byte, says what it heard, and fits what can be told apart."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.files import BadFile
from gateway.gate.verify import SHIPPED, Verifier, load_verifier
from scenarios.wakewords.answers import Answers
from scenarios.wakewords.corpus import takes
from scenarios.wakewords.opinion import folds_of, second_opinion, veto
from scenarios.wakewords.real import RealRows
from scenarios.wakewords.recordings import fingerprint
from scenarios.wakewords.train import chosen_sources, corpus, fit, sources_of
from simulator.sound.speech import say
from simulator.sound.voices import Voice


def train(out: Path, *more: str) -> str:
    command = [sys.executable, "-m", "scenarios.wakewords.train", "--quick", "--sources", "espeak", "--out", str(out)]
    command += more
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=400).stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
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


@pytest.mark.slow
def test_what_can_be_told_apart_is(answers: Answers) -> None:
    windows = answers.windows
    fitted = fit(answers, seed=1, members=1)
    hidden = np.maximum(windows.reshape(500, -1) @ fitted["hidden"].astype(float) + fitted["hidden_bias"], 0)
    said = hidden @ fitted["out"] + fitted["out_bias"] > 0
    assert (said == answers.wanted).mean() > 0.95


@pytest.mark.slow
def test_weights_too_large_for_the_file_are_refused(answers: Answers) -> None:
    faint = Answers(
        takes=answers.takes,
        peaks=answers.peaks,
        at=answers.at,
        windows=(answers.windows.astype(np.float32) * 2e-7).astype(np.float16),
    )
    with pytest.raises(BadFile, match="no finite verifier"):
        fit(faint, seed=1, members=1)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flacs as somebody's own folder would hold them: the wake word in some voices, other words in others."""
    folder = tmp_path_factory.mktemp("voices")
    for number in range(6):
        voice = Voice(
            name=f"v{number}", accent="en-gb-x-rp", variant=f"m{1 + number}", pitch=40 + 5 * number, rate_wpm=150,
            sounds="adult", clean=0.0, noisy=0.0,
        )  # fmt: skip
        for part, text in (("wake", "Alexa."), ("other", "A lexus, and a nexus.")):
            path = folder / part / f"source{number % 2}" / f"{number}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, np.pad(say(text, voice).pcm, 4_000), 16_000)
    return folder


@pytest.mark.slow
def test_recordings_make_a_second_opinion(recordings: Path, tmp_path: Path) -> None:
    said = train(tmp_path / "v.npz", "--recordings", str(recordings), "--synthetic", str(SHIPPED))
    assert "recordings: " in said
    fitted = load_verifier(tmp_path / "v.npz")
    windows = np.random.default_rng(1).normal(0, 5, (7, 20, 96)).astype(np.float32)
    opinions = fitted.opinions(windows, np.full(7, 0.5))
    assert opinions.shape == (7, 3)
    assert fitted.vetoes == 1
    shipped = load_verifier().opinions(windows, np.full(7, 0.5))
    np.testing.assert_allclose(opinions[:, 0], shipped[:, 0], rtol=1e-3)
    with np.load(tmp_path / "v.npz", allow_pickle=False) as file:
        assert sorted(file["heard"]) == sorted(fingerprint(path) for path in (recordings / "wake").rglob("*.flac"))


def rows_like(answers: Answers) -> RealRows:
    """Recordings whose wake words stand out elsewhere than the synthetic ones'."""
    rng = np.random.default_rng(2)
    windows = rng.standard_normal((300, 20, 96)).astype(np.float32)
    windows[:100, :6] += 1.0
    return RealRows(
        wanted=np.arange(300) < 100,
        fold=np.arange(300) % 5,
        source=np.array(["one", "two", "three"] * 100),
        round=np.zeros(300, int),
        peaks=np.full(300, 0.5, np.float32),
        windows=windows.astype(np.float16),
    )


def verifier(made: dict[str, np.ndarray]) -> Verifier:
    hidden, hidden_bias, out, out_bias, peak_weight = (
        made[name].astype(np.float32) for name in ("hidden", "hidden_bias", "out", "out_bias", "peak_weight")
    )
    return Verifier(
        hidden=hidden,
        hidden_bias=hidden_bias,
        out=out,
        out_bias=out_bias,
        peak_weight=peak_weight,
        vetoes=int(made.get("vetoes", 0)),
    )


@pytest.mark.slow
def test_what_can_be_told_apart_of_real_voices_is(answers: Answers) -> None:
    rows, first = rows_like(answers), fit(answers, seed=1, members=1)
    made = second_opinion(first, rows, answers)
    fitted = verifier(made)
    for windows, peaks, wanted in (
        (rows.windows, rows.peaks, rows.wanted),
        (answers.windows, answers.peaks, answers.wanted),
    ):
        sure = fitted.scores(windows.astype(np.float32), peaks)
        assert (sure[wanted][:, None] > sure[~wanted][None]).mean() > 0.98  # the penalty keeps few rows from being sure
    alone = verifier(first)
    np.testing.assert_allclose(
        fitted.opinions(rows.windows.astype(np.float32), rows.peaks)[:, 0],
        alone.opinions(rows.windows.astype(np.float32), rows.peaks)[:, 0],
        rtol=1e-3,
        atol=1e-3,
    )


@pytest.mark.slow
def test_a_veto_leaves_the_opinions_and_takes_what_both_kinds_of_speech_are_not(answers: Answers) -> None:
    rows = rows_like(answers)
    two = second_opinion(fit(answers, seed=1, members=1), rows, answers)
    fitted, before = verifier(veto(two, rows, answers)), verifier(two)
    windows, peaks = rows.windows.astype(np.float32), rows.peaks
    said = fitted.opinions(windows, peaks)
    np.testing.assert_allclose(said[:, :2], before.opinions(windows, peaks), rtol=1e-3, atol=1e-3)
    assert (fitted.scores(windows, peaks) <= before.scores(windows, peaks) + 1e-3).all()
    assert (said[rows.wanted, 2][:, None] > said[~rows.wanted, 2][None]).mean() > 0.98


def test_recordings_of_one_make_are_left_out_together(answers: Answers) -> None:
    rows = rows_like(answers)
    named = np.where(rows.source == "one", "asterisk-en", np.where(rows.source == "two", "asterisk-fr", "games"))
    folds = folds_of(RealRows(**{name: getattr(rows, name) for name in rows.__struct_fields__} | {"source": named}))
    others = ~rows.wanted
    assert len(set(folds[others & (rows.source != "three")])) == 1
    assert len(set(folds[others])) == 2


def test_a_fold_leaves_out_files_and_whole_sources(answers: Answers) -> None:
    rows = rows_like(answers)
    folds = folds_of(rows)
    assert (folds[rows.wanted] == rows.fold[rows.wanted]).all()
    for source in ("one", "two", "three"):
        assert len(set(folds[~rows.wanted & (rows.source == source)])) == 1


@pytest.mark.slow
def test_recordings_without_the_word_are_refused(answers: Answers) -> None:
    rows = rows_like(answers)
    with pytest.raises(BadFile, match="wake words and other speech"):
        second_opinion(fit(answers, seed=1, members=1), rows.where(~rows.wanted), answers)


@pytest.mark.slow
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


def test_a_file_that_is_taken_over_says_its_sources(tmp_path: Path) -> None:
    assert sources_of(SHIPPED) == ["espeak", "flite"]
    np.savez(tmp_path / "v.npz", hidden=np.zeros(3))
    with pytest.raises(BadFile, match=r"v\.npz: not a fitted verifier that says its sources"):
        sources_of(tmp_path / "v.npz")
