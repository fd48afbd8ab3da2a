"""The engine's door for training: clips in, the window a verifier would see out, and nothing else."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.commands.embeddings import answer
from gateway.files import BadFile
from gateway.gate.decide import words_heard
from gateway.gate.verify import verified_window
from gateway.gate.wake import OpenWakeWord
from simulator.sound.speech import say
from simulator.sound.voices import Voice


@pytest.fixture(scope="module")
def engine() -> OpenWakeWord:
    return OpenWakeWord()


def asked(clips: list[np.ndarray], lengths: list[int] | None = None) -> io.BytesIO:
    file = io.BytesIO()
    pcm = np.concatenate([*clips, np.zeros(0, np.int16)])
    np.savez(file, pcm=pcm, lengths=np.array([len(c) for c in clips] if lengths is None else lengths))
    file.seek(0)
    return file


def say_twice(pitch: int) -> np.ndarray:
    voice = Voice(
        name="v", accent="en-gb-x-rp", variant="m3", pitch=pitch, rate_wpm=150, sounds="adult", clean=0.0, noisy=0.0
    )
    once = np.concatenate([say("Alexa, stop.", voice).pcm, np.zeros(24_000, np.int16)])
    return np.concatenate([once, once])


def test_each_clip_is_heard_by_itself(engine: OpenWakeWord) -> None:
    rng = np.random.default_rng(1)
    clips = [rng.normal(0, loud, length).astype(np.int16) for loud, length in ((300, 9_000), (3_000, 20_000), (0, 0))]
    said = io.BytesIO()
    assert answer(engine, asked(clips), said) == 3
    said.seek(0)
    with np.load(said) as rows:
        for row, clip in enumerate(clips[:2]):
            heard = engine.hear(clip)
            at = int(heard.scores.argmax())
            assert (rows["at"][row], rows["peaks"][row]) == (at, heard.scores[at])
            window = verified_window(heard, at)
            np.testing.assert_array_equal(rows["windows"][row], window)
        assert rows["peaks"][2] == 0
        assert not rows["windows"][2].any()


def test_every_word_a_gate_would_ask_about_is_told_with_its_clip(engine: OpenWakeWord) -> None:
    clips = [np.zeros(0, np.int16), *(say_twice(pitch) for pitch in (40, 60))]
    said = io.BytesIO()
    answer(engine, asked(clips), said, every=0.05)
    said.seek(0)
    with np.load(said) as rows:
        assert set(rows["of"].tolist()) <= {1, 2}
        for of, at, peak, window in zip(rows["of"], rows["at"], rows["peaks"], rows["windows"], strict=True):
            heard = engine.hear(clips[of])
            assert peak == heard.scores[at] >= 0.05
            np.testing.assert_array_equal(window, verified_window(heard, int(at)))
        for number in (1, 2):
            wanted = [top for _, top in words_heard(engine.hear(clips[number]).scores, 0.05)]
            assert rows["at"][rows["of"] == number].tolist() == wanted
        assert len(rows["of"]) >= 2


@pytest.mark.parametrize("lengths", [[10], [-5, 105], [200]])
def test_lengths_that_do_not_add_up_are_refused(lengths: list[int], engine: OpenWakeWord) -> None:
    with pytest.raises(BadFile):
        answer(engine, asked([np.zeros(100, np.int16)], lengths), io.BytesIO())


SILENCE, WHOLE = np.zeros(100, np.int16), np.array([100])


@pytest.mark.parametrize(
    ("pcm", "lengths", "why"),
    [
        (SILENCE, np.array(100), "lengths: one row of whole numbers"),
        (SILENCE, np.array([[100]]), "lengths: one row of whole numbers"),
        (SILENCE, np.array([100.0]), "lengths: one row of whole numbers"),
        (SILENCE, np.array([2**64 - 100, 200], np.uint64), "do not add up"),
        (SILENCE.reshape(2, 50), np.array([2]), "pcm: one row of int16"),
        (SILENCE.reshape(100, 1), WHOLE, "pcm: one row of int16"),
        (np.full(100, 0.5, np.float32), WHOLE, "pcm: one row of int16"),
        (np.full(100, 40_000, np.int32), WHOLE, "pcm: one row of int16"),
        (np.array(0, np.int16), WHOLE, "pcm: one row of int16"),
    ],
)
def test_numbers_that_would_be_heard_as_others_are_refused(
    engine: OpenWakeWord, pcm: np.ndarray, lengths: np.ndarray, why: str
) -> None:
    file = io.BytesIO()
    np.savez(file, pcm=pcm, lengths=lengths)
    file.seek(0)
    with pytest.raises(BadFile, match=why):
        answer(engine, file, io.BytesIO())


def test_one_array_alone_is_refused(engine: OpenWakeWord) -> None:
    file = io.BytesIO()
    np.save(file, SILENCE)
    file.seek(0)
    with pytest.raises(BadFile, match=r"an \.npz with pcm and lengths"):
        answer(engine, file, io.BytesIO())


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_way(engine: OpenWakeWord, said: bytes) -> None:
    with pytest.raises(BadFile):
        answer(engine, io.BytesIO(said), io.BytesIO())
