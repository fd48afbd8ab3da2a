"""The wake-word engine: the real model hears what the streaming engine hears."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from gateway.files import BadFile
from gateway.gate.networks import any_length, log_mel
from gateway.gate.wake import HOP_SAMPLES, TAIL_HOPS, KnownAnswers, OpenWakeWord, Pcm
from simulator.sound.speech import say
from simulator.sound.voices import load_voices

WINDOW: Mapping[str, tuple[int, ...]] = {"x": (1, 16, 96)}
SCORE: Mapping[str, tuple[int | str, ...] | None] = {"score": None}


@pytest.fixture(scope="module")
def engine() -> OpenWakeWord:
    return OpenWakeWord()


def spoken(text: str) -> Pcm:
    """A sentence in the first voice the model understands, over faint noise."""
    pcm = say(text, load_voices("understood")[0]).pcm.astype(np.int32)
    quiet = np.random.default_rng(3).integers(-25, 26, len(pcm) + 12_800)
    quiet[6_400 : 6_400 + len(pcm)] += pcm
    return np.clip(quiet, -32_768, 32_767).astype(np.int16)


def test_the_wake_word_is_heard_and_an_ordinary_sentence_is_not(engine: OpenWakeWord) -> None:
    assert engine.hear(spoken("Alexa, what time is it?")).scores.max() > 0.5
    assert engine.hear(spoken("Dinner is nearly ready, come to the table.")).scores.max() < 0.1


@pytest.mark.filterwarnings("ignore:Specified provider:UserWarning")
def test_scores_equal_the_streaming_engines_own(engine: OpenWakeWord) -> None:
    from openwakeword.model import Model

    pcm = spoken("Alexa, play some music.")
    pcm = pcm[: len(pcm) // HOP_SAMPLES * HOP_SAMPLES]
    import openwakeword

    folder = Path(openwakeword.__file__).parent / "resources" / "models"
    streaming = Model(wakeword_model_paths=[str(folder / "alexa_v0.1.onnx")])
    lead = len(engine.lead) // HOP_SAMPLES
    stream = np.concatenate([engine.lead, pcm])
    theirs = [
        next(iter(streaming.predict(stream[at : at + HOP_SAMPLES]).values()))
        for at in range(0, len(stream), HOP_SAMPLES)
    ]
    ours = engine.hear(pcm).scores[: len(pcm) // HOP_SAMPLES]
    np.testing.assert_allclose(ours, theirs[lead:], atol=1e-5)
    assert max(theirs) > 0.5


def test_embeddings_of_a_whole_clip_are_bit_for_bit_those_of_its_windows(engine: OpenWakeWord) -> None:
    """The exported network takes one window of 76 mel frames; ours any number of frames."""
    import onnxruntime
    import openwakeword

    folder = Path(openwakeword.__file__).parent / "resources" / "models"
    exported = onnxruntime.InferenceSession(str(folder / "embedding_model.onnx"), providers=["CPUExecutionProvider"])
    mel = engine._mels(np.concatenate([engine.lead[-480:], spoken("Alexa, stop.")[: 12 * HOP_SAMPLES]]))
    windows = np.stack([mel[at : at + 76] for at in range(0, len(mel) - 75, 8)])[..., None]
    one_by_one = [exported.run(None, {"input_1": window[None]})[0].reshape(96) for window in windows]
    np.testing.assert_array_equal(engine._embed(mel), one_by_one)


def test_a_score_knows_the_embeddings_it_was_given_for(engine: OpenWakeWord) -> None:
    heard = engine.hear(spoken("Alexa, stop."))
    at = int(heard.scores.argmax())
    window = heard.window(at)
    assert window is not None
    assert window.shape == (16, 96)
    np.testing.assert_allclose(engine._head.score(window), heard.scores[at : at + 1], atol=1e-6)
    longer = heard.window(at, 20)
    assert longer is not None
    assert np.array_equal(longer[:16], window)
    assert not np.array_equal(longer[16], longer[15])
    last = heard.window(len(heard.scores) - 1, 20)
    assert last is not None
    assert (last[16:] == last[15]).all()
    assert heard.window(len(heard.scores)) is None
    assert KnownAnswers().hear(np.zeros(HOP_SAMPLES, np.int16)).window(0) is None


@settings(max_examples=15, deadline=None)
@given(length=st.integers(0, 4_000), seed=st.integers(0, 99))
def testany_length_gives_scores_between_zero_and_one(engine: OpenWakeWord, length: int, seed: int) -> None:
    pcm = np.random.default_rng(seed).integers(-32_768, 32_768, length).astype(np.int16)
    scores = engine.hear(pcm).scores
    assert len(scores) >= length // HOP_SAMPLES
    assert ((scores >= 0) & (scores <= 1)).all()


def test_one_clip_leaves_nothing_behind_for_the_next(engine: OpenWakeWord) -> None:
    plain = spoken("Dinner is nearly ready.")
    before = engine.hear(plain).scores
    engine.hear(spoken("Alexa, stop."))
    np.testing.assert_array_equal(engine.hear(plain).scores, before)


def test_an_unknown_model_names_those_there_are() -> None:
    with pytest.raises(BadFile, match="allowed: alexa, "):
        OpenWakeWord("alexxa")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(BadFile, match=r"mine\.onnx: not a model"):
        OpenWakeWord(str(path))


def model_file(
    path: Path,
    nodes: Sequence[tuple[str, list[str], list[str], dict[str, Any]]],
    *,
    takes: Mapping[str, tuple[int, ...]] = WINDOW,
    gives: Mapping[str, tuple[int | str, ...] | None] = SCORE,
    numbers: Mapping[str, np.ndarray] = {},
    kind: int = TensorProto.FLOAT,
) -> Path:
    """An ONNX file of these nodes: (operator, inputs, outputs, attributes)."""
    graph = helper.make_graph(
        [helper.make_node(operator, taken, given, **more) for operator, taken, given, more in nodes],
        "made",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in takes.items()],
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in gives.items()],
        [numpy_helper.from_array(array, name) for name, array in numbers.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    return path


MEAN = ("ReduceMean", ["x"], ["mean"], {"axes": [1, 2], "keepdims": 0})
SIGMOID: tuple[str, list[str], list[str], dict[str, Any]] = ("Sigmoid", ["mean"], ["score"], {})


def test_a_head_of_the_right_shape_is_heard(tmp_path: Path) -> None:
    head = OpenWakeWord(str(model_file(tmp_path / "mine.onnx", [MEAN, SIGMOID])))
    scores = head.hear(np.zeros(HOP_SAMPLES * 3, np.int16)).scores
    assert ((scores > 0) & (scores < 1)).all()


CONSTANT = {"takes": {}, "numbers": {"x": np.ones((1, 1), np.float32)}}
PAIR = {"numbers": {"two": np.ones((96, 2), np.float32)}}


@pytest.mark.parametrize(
    ("nodes", "more", "why"),
    [
        ([("Identity", ["x"], ["score"], {})], CONSTANT, "embeddings is wanted"),
        ([MEAN, SIGMOID], {"takes": {"x": (1, 34, 96)}}, "embeddings is wanted"),
        ([MEAN, SIGMOID], {"takes": {"x": (1, 96, 16)}}, "embeddings is wanted"),
        ([("Sigmoid", ["x"], ["score"], {})], {"takes": {"x": (1, 16 * 96)}}, "embeddings is wanted"),
        ([MEAN, ("Add", ["mean", "y"], ["score"], {})], {"takes": {**WINDOW, "y": (1,)}}, "embeddings is wanted"),
        ([MEAN, SIGMOID], {"kind": TensorProto.DOUBLE}, "embeddings is wanted"),
        ([MEAN, SIGMOID], {"gives": {"score": None, "mean": None}}, "embeddings is wanted"),
        ([MEAN, SIGMOID], {"takes": {"x": (2, 16, 96)}}, "cannot score a window"),
        ([MEAN, ("Exp", ["mean"], ["score"], {})], {}, "one number in 0..1"),
        ([MEAN, ("Neg", ["mean"], ["score"], {})], {}, "one number in 0..1"),
        ([MEAN, ("Log", ["mean"], ["score"], {})], {}, "one number in 0..1"),
        (
            [
                ("ReduceMean", ["x"], ["m"], {"axes": [1], "keepdims": 0}),
                ("Slice", ["m", "a", "a", "i"], ["score"], {}),
            ],
            {"numbers": {"a": np.array([0]), "i": np.array([1])}},
            "one number in 0..1",
        ),
        (
            [
                ("ReduceMean", ["x"], ["rows"], {"axes": [1], "keepdims": 0}),
                ("MatMul", ["rows", "two"], ["both"], {}),
                ("Softmax", ["both"], ["score"], {"axis": 1}),
            ],
            PAIR,
            "one number in 0..1",
        ),
    ],
)
def test_a_head_that_gives_no_score_is_refused(nodes: Any, more: dict[str, Any], why: str, tmp_path: Path) -> None:
    path = model_file(tmp_path / "mine.onnx", nodes, **more)
    with pytest.raises(BadFile, match=rf"mine\.onnx: .*{why}") as raised:
        OpenWakeWord(str(path))
    assert "\n" not in str(raised.value)


def test_shipped_models_that_are_no_wake_heads_are_refused() -> None:
    for model in ("timer", "weather"):
        with pytest.raises(BadFile, match="embeddings is wanted"):
            OpenWakeWord(model)


def test_a_batch_that_says_something_else_is_not_trusted(tmp_path: Path) -> None:
    """This head looks at all windows it is given, so that many at once score otherwise than one by one."""
    nodes = [MEAN, ("ReduceMax", ["x"], ["most"], {"keepdims": 0}), ("Add", ["mean", "most"], ["sum"], {})]
    nodes.append(("Sigmoid", ["sum"], ["score"], {}))
    head = OpenWakeWord(str(model_file(tmp_path / "mine.onnx", nodes)))._head  # type: ignore[arg-type]
    rows = np.random.default_rng(3).standard_normal((40, 96)).astype(np.float32)
    alone = [head.score(rows[at : at + 16])[0] for at in range(25)]
    np.testing.assert_allclose(head.score(rows), alone, atol=1e-6)


@pytest.mark.parametrize("change", [log_mel, any_length])
def test_networks_of_another_make_are_refused(change: Callable[[Path], bytes], tmp_path: Path) -> None:
    foreign = model_file(tmp_path / "foreign.onnx", [MEAN, SIGMOID])
    with pytest.raises(BadFile, match=r"foreign\.onnx: not openWakeWord 0\.4's"):
        change(foreign)
    (tmp_path / "bytes.onnx").write_bytes(b"not a model")
    for name in ("bytes.onnx", "gone.onnx"):
        with pytest.raises(BadFile, match=rf"{name}: not a model"):
            change(tmp_path / name)


def test_known_answers_go_by_loudness() -> None:
    loud = np.full(HOP_SAMPLES * 2, 25_000, np.int16)
    assert KnownAnswers().hear(loud).scores.tolist() == [1.0, 1.0]
    assert KnownAnswers().hear(loud // 10).scores.max() == 0.0


def test_known_answers_hear_the_lowest_sample_as_loud() -> None:
    low = np.full(HOP_SAMPLES, -32_768, np.int16)
    assert KnownAnswers().hear(low).scores.tolist() == [1.0]


def test_a_word_in_the_last_hop_is_heard_in_the_tail(engine: OpenWakeWord) -> None:
    """The score peaks after the word: a clip that ends with it is scored on."""
    pcm = spoken("Alexa")[: 8 * HOP_SAMPLES]
    scores = engine.hear(pcm).scores
    assert len(scores) == 8 + TAIL_HOPS
    assert scores[:9].max() < 0.1
    assert scores.max() > 0.8


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_a_stream_in_pieces_is_scored_as_one_clip(engine: OpenWakeWord, pieces: list[int]) -> None:
    pcm = spoken("Alexa, play some music.")
    pcm = pcm[: len(pcm) // HOP_SAMPLES * HOP_SAMPLES]
    ears, parts, at = engine.listen(), [], 0
    for hops in [*pieces, len(pcm) // HOP_SAMPLES]:
        piece = pcm[at : at + hops * HOP_SAMPLES]
        parts.append(ears.hear(piece))
        at += len(piece)
    whole = engine.hear(pcm).scores[: len(pcm) // HOP_SAMPLES]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


def test_two_streams_do_not_hear_each_other(engine: OpenWakeWord) -> None:
    quiet = np.random.default_rng(1).integers(-25, 26, 20 * HOP_SAMPLES).astype(np.int16)
    loud = spoken("Alexa, stop.")[: 20 * HOP_SAMPLES]
    one, other = engine.listen(), engine.listen()
    one.hear(loud)
    np.testing.assert_array_equal(other.hear(quiet), engine.listen().hear(quiet))


LOADS = """
import gateway.gate.wake as wake
import numpy as np
wake.OpenWakeWord("alexa").hear(np.zeros(16_000, np.int16))
"""


def test_the_networks_library_writes_down_and_reports_nothing(tmp_path: Path) -> None:
    """ONNX Runtime would leave an identifier of the machine and a store of events to send."""
    places = {name: str(tmp_path / name.lower()) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    for place in places.values():
        Path(place).mkdir()
    without = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", LOADS], env=without | places, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
