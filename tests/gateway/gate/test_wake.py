"""The wake-word engine: the real model hears what the streaming engine hears."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.files import BadFile
from gateway.gate.wake import HOP_SAMPLES, KnownAnswers, OpenWakeWord, Pcm
from simulator.speech import say
from simulator.voices import load_voices


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
    assert engine.score(spoken("Alexa, what time is it?")).max() > 0.5
    assert engine.score(spoken("Dinner is nearly ready, come to the table.")).max() < 0.1


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
    ours = engine.score(pcm)[: len(pcm) // HOP_SAMPLES]
    settled = 24 - lead  # before that the streaming engine still hears its own start-up buffer
    np.testing.assert_allclose(ours[settled:], theirs[lead + settled :], atol=1e-4)
    assert max(theirs) > 0.5


@settings(max_examples=15, deadline=None)
@given(length=st.integers(0, 4_000), seed=st.integers(0, 99))
def test_any_length_gives_scores_between_zero_and_one(engine: OpenWakeWord, length: int, seed: int) -> None:
    pcm = np.random.default_rng(seed).integers(-32_768, 32_768, length).astype(np.int16)
    scores = engine.score(pcm)
    assert len(scores) >= length // HOP_SAMPLES
    assert ((scores >= 0) & (scores <= 1)).all()


def test_one_clip_leaves_nothing_behind_for_the_next(engine: OpenWakeWord) -> None:
    plain = spoken("Dinner is nearly ready.")
    before = engine.score(plain)
    engine.score(spoken("Alexa, stop."))
    np.testing.assert_array_equal(engine.score(plain), before)


def test_an_unknown_model_names_those_there_are() -> None:
    with pytest.raises(BadFile, match="allowed: alexa, "):
        OpenWakeWord("alexxa")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(BadFile, match=r"mine\.onnx: not a model"):
        OpenWakeWord(str(path))


def test_known_answers_go_by_loudness() -> None:
    loud = np.full(HOP_SAMPLES * 2, 25_000, np.int16)
    assert KnownAnswers().score(loud).tolist() == [1.0, 1.0]
    assert KnownAnswers().score(loud // 10).max() == 0.0
