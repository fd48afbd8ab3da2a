"""The acoustic verifier: two layers as arrays, refused when they are not; what ships knows the word."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.gate.verify import SHIPPED, Verifier, load_verifier, said_in, verified_window, verifier_of
from gateway.gate.wake import OpenWakeWord
from gateway.wire import AsrToken, TokenTime, Transcript
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

LIMIT = load_contract("strict").gate.verify_threshold


class Touching:
    """An object whose pickle makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


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
    odds = [said / (1 - said) for said in (verifier.score(window, peak) for peak in (0.0, 0.01, 0.04, 0.64))]  # type: ignore[arg-type]
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


def spoken(*values: str, end: float = 1.0) -> Transcript:
    """Words of 0.3 s, one after the other, the last of which ends at `end`."""
    ends = [end - 0.3 * (len(values) - 1 - at) for at in range(len(values))]
    tokens = [
        AsrToken(value=value, confidence=1, range_start=0, range_end=1, time=TokenTime(start=at - 0.3, end=at))
        for value, at in zip(values, ends, strict=True)
    ]
    return Transcript(text="", likelihood=1, seconds=3, site_id="s", session_id="1", asr_tokens=[tokens])


@pytest.mark.parametrize(
    ("phrase", "tokens", "holds"),
    [
        ("alexa", ["Alexa,"], True),
        ("alexa", ["Alexa's"], True),
        ("alexa", ["ALEXA’S,"], True),
        ("alexa", ["alexandria"], False),
        ("alexa", ["alexas"], False),
        ("wendy's", ["Wendy's"], True),
        ("wendy's", ["wendy"], False),
        ("Алиса", ["алиса"], True),
        ("Алиса", ["10"], False),
        ("Алиса", ["..."], False),
        ("42", ["42"], True),
        ("42", ["43"], False),
        ("42", ["..."], False),
        ("...", ["..."], False),
        ("élodie", ["Elodie"], True),
        ("elodie", ["E\u0301lodie"], True),
        ("élodie", ["lodie"], False),
        ("straße", ["STRASSE"], True),
        ("हिन्दी", ["हिन्दी"], True),
        ("हिन्दी", ["हन्दा"], False),
        ("hey computer", ["hey", "computer"], True),
        ("hey computer", ["Hey", ",", "computer's"], True),
        ("hey computer", ["hey's", "computer"], False),
        ("hey computer", ["computer"], False),
        ("hey computer", ["computer", "hey"], False),
        ("hey computer", ["hey", "you", "computer"], False),
        ("Hey, computer", ["please", "hey", "computer", "stop"], True),
    ],
)
def test_the_phrase_is_found_in_any_spelling_and_no_other_is(phrase: str, tokens: list[str], holds: bool) -> None:
    assert said_in(spoken(*tokens), phrase, 16_000) is holds


@pytest.mark.parametrize(("end", "holds"), [(0.0, True), (2.0, True), (-1.0, False), (3.0, False)])
def test_the_phrase_has_to_end_near_where_it_was_heard(end: float, holds: bool) -> None:
    assert said_in(spoken("alexa", end=end), "alexa", 16_000) is holds
    assert said_in(spoken("hey", "alexa", end=end), "hey alexa", 16_000) is holds


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


def test_a_contract_names_its_own_verifier(tmp_path: Path) -> None:
    gate = load_contract("strict").gate
    shipped, mine = verifier_of(gate), tmp_path / "v.npz"
    assert shipped is not None
    assert np.array_equal(shipped.hidden, load_verifier(SHIPPED).hidden)
    np.savez(mine, **arrays())  # type: ignore[arg-type]
    own = verifier_of(gate.model_copy(update={"wake_model": "hey_jarvis", "verify_model": str(mine)}))
    assert own is not None
    assert own.hidden.shape == (1_920, 3)
    assert verifier_of(gate.model_copy(update={"verify": ("transcript",)})) is None
    with pytest.raises(BadFile, match=r"gone\.npz: not a fitted verifier"):
        verifier_of(gate.model_copy(update={"verify_model": "gone.npz"}))


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    """Reading one runs what it says."""
    np.savez(tmp_path / "v.npz", **arrays() | {"out_bias": Touching(tmp_path / "touched")})  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="not a fitted verifier"):
        load_verifier(tmp_path / "v.npz")
    assert not (tmp_path / "touched").exists()
    made = arrays()
    made["out"] = made["out"].astype(object)
    np.savez(tmp_path / "o.npz", **made)  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="not a fitted verifier"):
        load_verifier(tmp_path / "o.npz")


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
        return verifier.score(window, float(heard.scores.max()))

    voices = range(0, 24, 3)
    assert np.mean([sure("Alexa, turn on the kitchen light.", n) >= LIMIT for n in voices]) >= 0.9
    assert np.mean([sure("Alexis went to the store.", n) >= LIMIT for n in voices]) <= 0.2
    assert np.mean([sure("A lexus is parked outside.", n) >= LIMIT for n in voices]) <= 0.2


def test_the_shipped_verifier_says_of_real_voices_what_it_said_when_it_was_fitted() -> None:
    with np.load(Path(__file__).parent / "real-windows.npz", allow_pickle=False) as kept:
        windows, peaks, wanted, said = (kept[name] for name in ("windows", "peaks", "wanted", "opinions"))
    shipped = load_verifier()
    np.testing.assert_allclose(shipped.opinions(windows.astype(np.float32), peaks), said, atol=0.02)
    kept_ones = shipped.scores(windows.astype(np.float32), peaks) >= load_contract("strict").gate.verify_threshold
    assert not kept_ones[~wanted].any()  # what the engine is surest of among other words
    assert kept_ones[wanted].mean() >= 0.8  # as recorded, and staged in noise, rooms and beside other speech


@pytest.mark.parametrize(
    ("key", "array"),
    [
        ("out_bias", np.ones(3)),
        ("peak_weight", np.ones(1)),
        ("out_bias", np.array(1.0)),
        ("out", np.ones((1, 0))),
    ],
)
def test_opinions_that_do_not_add_up_are_refused(key: str, array: np.ndarray, tmp_path: Path) -> None:
    two = arrays(1) | {"out": np.ones((1, 2)), "out_bias": np.ones(2), "peak_weight": np.ones(2)}
    np.savez(tmp_path / "good.npz", **two)  # type: ignore[arg-type]
    assert load_verifier(tmp_path / "good.npz").opinions(np.zeros((3, 20, 96), np.float32), np.ones(3)).shape == (3, 2)
    np.savez(tmp_path / "v.npz", **two | {key: array})  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="not a fitted verifier"):
        load_verifier(tmp_path / "v.npz")


def test_the_surest_opinion_counts() -> None:
    verifier = Verifier(
        hidden=np.zeros((1920, 2), np.float32),
        hidden_bias=np.array([1.0, 2.0], np.float32),
        out=np.array([[3.0, 0.0], [0.0, -1.0]], np.float32),
        out_bias=np.array([-4.0, 1.0], np.float32),
        peak_weight=np.array([1.0, 0.0], np.float32),
    )
    windows = np.zeros((2, 20, 96), np.float32)
    np.testing.assert_allclose(verifier.opinions(windows, np.array([1.0, np.exp(-2.0)])), [[-1, -1], [-3, -1]])
    np.testing.assert_allclose(verifier.scores(windows, np.array([1.0, np.exp(-2.0)])), 1 / (1 + np.e))


def test_a_veto_holds_the_surest_opinion_down() -> None:
    verifier = Verifier(
        hidden=np.zeros((1920, 1), np.float32),
        hidden_bias=np.ones(1, np.float32),
        out=np.zeros((1, 3), np.float32),
        out_bias=np.array([-1.0, 2.0, 0.0], np.float32),
        peak_weight=np.array([0.0, 0.0, 1.0], np.float32),
        vetoes=1,
    )
    windows = np.zeros((2, 20, 96), np.float32)
    said = verifier.scores(windows, np.array([1.0, np.exp(-3.0)]))
    np.testing.assert_allclose(said, 1 / (1 + np.exp([0.0, 3.0])), rtol=1e-5)


@pytest.mark.parametrize("vetoes", [-1, 2, 3])
def test_a_file_with_nothing_but_vetoes_is_refused(vetoes: int, tmp_path: Path) -> None:
    two = arrays(1) | {"out": np.ones((1, 2)), "out_bias": np.ones(2), "peak_weight": np.ones(2)}
    np.savez(tmp_path / "v.npz", **two | {"vetoes": np.array(1)})  # type: ignore[arg-type]
    assert load_verifier(tmp_path / "v.npz").vetoes == 1
    np.savez(tmp_path / "v.npz", **two | {"vetoes": np.array(vetoes)})  # type: ignore[arg-type]
    with pytest.raises(BadFile, match="vetoes"):
        load_verifier(tmp_path / "v.npz")
