"""Scenes: layers mix at the level they should, words stay where they are, the same scene sounds the same."""

import numpy as np
import pytest

from simulator.sound.noises import pink_noise
from simulator.sound.scenes import SPEECH_DBFS, Backdrop, Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

VOICES = load_voices()


def _saying(text: str, voice: int = 0, gap_ms: int = 0, gain_db: float = 0.0) -> Saying:
    words = tuple(Word(text=word) for word in text.split())
    return Saying(voice=VOICES[voice], words=words, gap_ms=gap_ms, gain_db=gain_db)


def _scene(*sayings: Saying, backdrop: Backdrop = "pink", snr_db: float = 60.0, seed: int = 1) -> Scene:
    others = (_saying("more than two hundred people", 2), _saying("the storm is moving east", 3))
    return Scene(
        sayings=sayings, backdrop=backdrop, snr_db=snr_db, others=() if backdrop == "pink" else others, seed=seed
    )


def _dbfs(pcm: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(pcm, dtype=np.float64))) / 32_768))


def test_words_are_exactly_where_the_speech_was_put() -> None:
    noisy = render(_scene(_saying("Alexa, stop."), _saying("Did you feed the cat?", 1, gap_ms=700), snr_db=20.0))
    room = render(_scene(_saying("Alexa, stop."), _saying("Did you feed the cat?", 1, gap_ms=700), snr_db=90.0))
    energy = np.square(room.pcm, dtype=np.float64)
    inside = np.zeros(len(energy), bool)
    for word in room.words:
        inside[word.start : word.end] = True

    assert noisy.words == room.words
    assert [word.text for word in room.words] == "Alexa stop Did you feed the cat".split()
    assert energy[~inside].sum() / energy.sum() < 0.01
    assert energy[np.roll(~inside, 8_000)].sum() / energy.sum() > 0.1  # half a second off would be seen


def test_the_session_begins_with_room() -> None:
    sound = render(_scene(_saying("Alexa, stop."), snr_db=20.0))

    assert sound.words[0].start >= 6_400
    assert _dbfs(sound.pcm[:6_400]) == pytest.approx(SPEECH_DBFS - 20, abs=1)
    assert np.any(sound.pcm[:1_000])
    assert len(sound.pcm) % 1_280 == 0


@pytest.mark.parametrize("backdrop", ["pink", "television", "babble", "dishes", "music"])
@pytest.mark.parametrize("snr_db", [0.0, 15.0])
def test_speech_lies_the_stated_level_above_its_backdrop(backdrop: Backdrop, snr_db: float) -> None:
    quiet = render(_scene(_saying("Alexa, what is the weather?"), snr_db=90.0))
    mixed = render(_scene(_saying("Alexa, what is the weather?"), backdrop=backdrop, snr_db=snr_db))
    rest = mixed.pcm.astype(np.int32) - quiet.pcm
    active = np.concatenate([quiet.pcm[word.start : word.end] for word in quiet.words])

    assert _dbfs(active) - _dbfs(rest) == pytest.approx(snr_db, abs=1.0)


def test_a_quieter_talker_is_quieter() -> None:
    sound = render(_scene(_saying("Alexa, stop."), _saying("Alexa, stop.", gap_ms=500, gain_db=-12.0), snr_db=90.0))
    loud, soft = (
        np.concatenate([sound.pcm[w.start : w.end] for w in half]) for half in (sound.words[:2], sound.words[2:])
    )

    assert _dbfs(loud) - _dbfs(soft) == pytest.approx(12, abs=0.5)


def test_the_same_scene_sounds_the_same_and_another_seed_does_not() -> None:
    scene = _scene(_saying("Alexa, stop."), backdrop="television", snr_db=10.0)

    assert render(scene).digest == render(scene).digest
    assert (
        render(scene).digest
        != render(_scene(_saying("Alexa, stop."), backdrop="television", snr_db=10.0, seed=2)).digest
    )


def test_noise_needs_no_words() -> None:
    scene = Scene(sayings=(), backdrop="pink", snr_db=3.0, least_ms=2_000, seed=4)

    sound = render(scene)

    assert sound.words == ()
    assert len(sound.pcm) == 32_000


def test_marks_reach_the_words() -> None:
    words = (Word(text="call"), Word(text="Laura.", secret="contacts.name"))
    sound = render(_scene(Saying(voice=VOICES[0], words=words)))

    assert [(word.text, word.secret) for word in sound.words] == [("call", None), ("Laura", "contacts.name")]


def test_pink_noise_falls_three_decibels_an_octave() -> None:
    noise = pink_noise(160_000, -20, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [power[at * 10 : at * 20].mean() for at in (200, 400, 800, 1_600)]

    falls = 10 * np.log10(np.array(octaves[:-1]) / octaves[1:])
    assert falls == pytest.approx([3.0, 3.0, 3.0], abs=0.5)
    assert _dbfs(noise) == pytest.approx(-20, abs=0.01)
