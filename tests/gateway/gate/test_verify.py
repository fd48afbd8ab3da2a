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
    }


def test_many_windows_at_once_are_scored_as_one_by_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays())  # type: ignore[arg-type]
    verifier = load_verifier(tmp_path / "v.npz")
    windows = np.random.default_rng(2).standard_normal((30, 20, 96)).astype(np.float32)
    said = verifier.scores(windows)
    assert ((said >= 0) & (said <= 1)).all()
    np.testing.assert_allclose(said, [verifier.score(window) for window in windows], atol=1e-6)


def test_huge_numbers_are_an_answer_and_no_warning() -> None:
    wide = np.full((1_920, 1), 1e4, np.float32)
    ones = np.ones(1, np.float32)
    verifier = Verifier(hidden=wide, hidden_bias=ones, out=ones, out_bias=0.0)
    assert verifier.score(np.ones((20, 96), np.float32)) == pytest.approx(1.0)
    assert verifier.score(-np.ones((20, 96), np.float32)) == pytest.approx(0.5)


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


@pytest.mark.parametrize("key", ["hidden", "hidden_bias", "out", "out_bias"])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_none_are_refused(key: str, number: float, tmp_path: Path) -> None:
    made = {name: array.astype(np.float64) for name, array in arrays().items()}
    made[key].reshape(-1)[-1] = number
    np.savez(tmp_path / "v.npz", **made)  # type: ignore[arg-type]
    with pytest.raises(BadFile, match=r"v\.npz: not a fitted verifier"):
        load_verifier(tmp_path / "v.npz")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("out", np.array(1.0)),
        ("out_bias", np.ones(2)),
        ("out_bias", np.array("much")),
        ("hidden_bias", np.ones(3, np.complex64)),
    ],
)
def test_arrays_of_another_kind_are_refused(key: str, value: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays() | {key: value})  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="fitted verifier"):
        load_verifier(tmp_path / "v.npz")


def test_an_array_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.ones(3))
    with pytest.raises(BadFile, match="fitted verifier"):
        load_verifier(tmp_path / "v.npy")


def test_the_shipped_one_tells_the_word_from_what_sounds_like_it() -> None:
    engine, verifier = OpenWakeWord(), load_verifier(SHIPPED)

    def sure(line: str, number: int) -> float:
        voice = load_voices("understood")[number]
        saying = Saying(voice=voice, words=tuple(Word(text=word) for word in line.split()))
        heard = engine.hear(render(Scene(sayings=(saying,), backdrop="pink", snr_db=20, seed=number)).pcm)
        window = verified_window(heard, int(heard.scores.argmax()))
        assert window is not None
        return verifier.score(window)

    voices = range(0, 24, 3)
    assert np.mean([sure("Alexa, turn on the kitchen light.", n) >= LIMIT for n in voices]) >= 0.9
    assert np.mean([sure("Alexis went to the store.", n) >= LIMIT for n in voices]) <= 0.2
    assert np.mean([sure("A lexus is parked outside.", n) >= LIMIT for n in voices]) <= 0.2
