"""The acoustic verifier: two layers as arrays, refused when they are not; what ships knows the word."""

from pathlib import Path

import numpy as np
import pytest

from gateway.contract import load_contract
from gateway.files import BadFile
from gateway.gate.verify import SHIPPED, Verifier, load_verifier, verified_window
from gateway.gate.wake import OpenWakeWord
from simulator.scenes import Saying, Scene, render
from simulator.utterances import Word
from simulator.voices import load_voices

LIMIT = load_contract("strict").gate.verify_threshold


def arrays(width: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "hidden": rng.standard_normal((1_920, width)).astype(np.float16),
        "hidden_bias": rng.standard_normal(width).astype(np.float32),
        "out": rng.standard_normal(width).astype(np.float32),
        "out_bias": np.array(0.5, np.float32),
        "peak_weight": np.array(0.5, np.float32),
    }


def test_many_windows_at_once_are_scored_as_one_by_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays())  # type: ignore[arg-type]
    verifier = load_verifier(tmp_path / "v.npz")
    windows = np.random.default_rng(2).standard_normal((30, 20, 96)).astype(np.float32)
    peaks = np.linspace(0, 1, 30)
    said = verifier.scores(windows, peaks)
    assert ((said >= 0) & (said <= 1)).all()
    np.testing.assert_allclose(said, [verifier.score(*each) for each in zip(windows, peaks, strict=True)], atol=1e-5)


def test_huge_numbers_are_an_answer_and_no_warning() -> None:
    wide = np.full((1_920, 1), 1e4, np.float32)
    ones = np.ones(1, np.float32)
    verifier = Verifier(hidden=wide, hidden_bias=ones, out=ones, out_bias=0.0)
    assert verifier.score(np.ones((20, 96), np.float32), 1.0) == pytest.approx(1.0)
    assert verifier.score(-np.ones((20, 96), np.float32), 0.0) == pytest.approx(0.5)


def test_what_the_engine_is_sure_of_needs_less_agreement(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays())  # type: ignore[arg-type]
    verifier = load_verifier(tmp_path / "v.npz")
    window = np.random.default_rng(3).standard_normal((20, 96)).astype(np.float32) / 10
    odds = [said / (1 - said) for said in (verifier.score(window, peak) for peak in (0.0, 0.01, 0.04, 0.64))]
    assert odds == sorted(odds)
    assert odds[2] / odds[1] == pytest.approx(2.0)  # four times the score, weight a half
    assert odds[3] / odds[2] == pytest.approx(4.0)


@pytest.mark.parametrize("broken", ["missing", "bytes", "no_key", "shape", "bias"])
def test_what_is_no_fitted_verifier_is_refused(broken: str, tmp_path: Path) -> None:
    path, made = tmp_path / "v.npz", arrays()
    if broken == "bytes":
        path.write_bytes(b"PK\x03\x04 no archive")
    elif broken != "missing":
        made |= {"hidden": made["hidden"][:100]} if broken == "shape" else {}
        made |= {"hidden_bias": made["hidden_bias"][:1]} if broken == "bias" else {}
        np.savez(path, **{key: value for key, value in made.items() if (key, broken) != ("out", "no_key")})  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="fitted verifier"):
        load_verifier(path)


def test_the_shipped_one_tells_the_word_from_what_sounds_like_it() -> None:
    engine, verifier = OpenWakeWord(), load_verifier(SHIPPED)

    def sure(line: str, number: int) -> float:
        voice = load_voices("understood")[number]
        saying = Saying(voice=voice, words=tuple(Word(text=word) for word in line.split()))
        heard = engine.hear(render(Scene(sayings=(saying,), backdrop="pink", snr_db=20, seed=number)).pcm)
        window = verified_window(heard, int(heard.scores.argmax()))
        assert window is not None
        return verifier.score(window, float(heard.scores.max()))

    voices = range(0, 24, 3)
    assert np.mean([sure("Alexa, turn on the kitchen light.", n) >= LIMIT for n in voices]) >= 0.9
    assert np.mean([sure("Alexis went to the store.", n) >= LIMIT for n in voices]) <= 0.2
    assert np.mean([sure("A lexus is parked outside.", n) >= LIMIT for n in voices]) <= 0.2
