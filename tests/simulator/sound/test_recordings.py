"""Own recordings: found, resampled, placed in scenes; what is not known of them is said to be unknown."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.files import BadFile
from simulator.sound.recordings import Take, play, read_corpus
from simulator.sound.scenes import SPEECH_DBFS, Saying, Scene, render
from simulator.sound.speech import say
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

VOICE = load_voices("understood")[0]


def recorded(path: Path, text: str, *, hz: int = 16_000, told: str | None = None) -> Take:
    """A file in which the synthesiser says `text`; `told` stands in the file beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(say(text, VOICE).pcm, hz // 16_000), hz)
    if told is not None:
        path.with_suffix(".txt").write_text(told)
    return Take(path=str(path), text=told)


def scene_of(take: Take) -> Scene:
    words = tuple(Word(text=word) for word in (take.text or "").split())
    said = Saying(voice=VOICE, words=words, recording=take)
    return Scene(sayings=(said,), backdrop="pink", snr_db=60.0, pre_roll_ms=400, seed=1)


def test_a_folder_holds_requests_and_other_speech_at_any_depth(tmp_path: Path) -> None:
    recorded(tmp_path / "wake" / "us" / "a.wav", "alexa stop", told="alexa  stop\n")
    recorded(tmp_path / "other" / "b.flac", "the weather is fine")
    (tmp_path / "other" / "notes.md").write_text("no recording")
    corpus = read_corpus(tmp_path)
    assert [(Path(take.path).name, take.text) for take in corpus.wake] == [("a.wav", "alexa stop")]
    assert [(Path(take.path).name, take.text) for take in corpus.other] == [("b.flac", None)]


def test_another_rate_is_resampled(tmp_path: Path) -> None:
    take = recorded(tmp_path / "wake" / "a.flac", "alexa stop", hz=48_000)
    assert len(play(take).pcm) == pytest.approx(len(say("alexa stop", VOICE).pcm), rel=0.01)


def test_words_that_are_told_are_found_in_the_sound(tmp_path: Path) -> None:
    text = "the weather is fine today"
    take = recorded(tmp_path / "other" / "a.wav", text, told=text)
    found, true = play(take).words, say(text, VOICE).words
    assert [word.text for word in found] == text.split()
    assert max(abs(a.start - b.start) for a, b in zip(found, true, strict=True)) < 2_400


@pytest.mark.parametrize("told", [None, "qzxv stop", "one two three four five six seven eight nine ten eleven twelve"])
def test_words_that_cannot_be_found_have_no_place(tmp_path: Path, told: str | None) -> None:
    sound = render(scene_of(recorded(tmp_path / "wake" / "a.wav", "stop", told=told)))
    assert sound.words == sound.uttered == ()
    assert sound.unplaced


def test_a_recording_is_as_loud_as_a_voice_and_starts_behind_the_ring(tmp_path: Path) -> None:
    take = recorded(tmp_path / "wake" / "a.wav", "the weather is fine", told="the weather is fine")
    sound = render(scene_of(take))
    active = np.concatenate([sound.pcm[word.start : word.end] for word in sound.words]).astype(np.float64)
    assert 20 * np.log10(np.sqrt(np.mean(active**2)) / 32_768) == pytest.approx(SPEECH_DBFS, abs=1.0)
    assert sound.words[0].start >= 400 * 16


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no recordings in wake/ or other/"):
        read_corpus(tmp_path)
    (tmp_path / "wake").mkdir()
    (tmp_path / "wake" / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(BadFile, match="not a sound file"):
        play(read_corpus(tmp_path).wake[0])
    soundfile.write(tmp_path / "wake" / "a.wav", np.zeros(16_000), 16_000)
    with pytest.raises(BadFile, match="silent"):
        play(Take(path=str(tmp_path / "wake" / "a.wav"), text="again"))
    (tmp_path / "wake" / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="UTF-8"):
        read_corpus(tmp_path)
