"""Speech: the words lie where they are said to lie, and the same words sound the same."""

import numpy as np
import pytest

from simulator.sound.speech import Speech, SpeechError, say
from simulator.sound.voices import Voice, load_voices
from simulator.world.utterances import load_phrasebook

LINE = "Alexa, send a message to Laura. The number is five four one, oh two."


def _energy_outside(speech: Speech) -> float:
    """Share of the energy that lies outside the words."""
    energy = np.square(speech.pcm, dtype=np.float64)
    inside = np.zeros(len(energy), bool)
    for word in speech.words:
        inside[word.start : word.end] = True
    return float(energy[~inside].sum() / energy.sum())


@pytest.mark.parametrize("voice", load_voices()[::6], ids=lambda voice: voice.name)
def test_the_energy_lies_inside_the_words(voice: Voice) -> None:
    speech = say(LINE, voice)

    assert _energy_outside(speech) < (0.08 if "echo" in voice.name else 0.02)


def test_the_measure_sees_words_that_are_half_a_second_off() -> None:
    speech = say(LINE, load_voices()[0])
    late = [type(w)(text=w.text, start=w.start + 8_000, end=w.end + 8_000) for w in speech.words]

    assert _energy_outside(Speech(pcm=speech.pcm, words=tuple(late))) > 0.1


def test_every_word_is_there_in_order_without_overlap() -> None:
    speech = say(LINE, load_voices()[0])

    assert [word.text for word in speech.words] == LINE.split()
    assert all(a.end <= b.start for a, b in zip(speech.words, speech.words[1:], strict=False))
    assert all(word.start < word.end <= len(speech.pcm) for word in speech.words)


def test_a_pause_belongs_to_no_word() -> None:
    speech = say("Alexa, stop.", load_voices()[0])

    assert speech.words[1].start - speech.words[0].end > 1_000


def test_words_run_together_share_their_time() -> None:
    speech = say("a cup of the tea", load_voices()[0])

    assert [word.text for word in speech.words] == "a cup of the tea".split()
    assert speech.words[2].end == speech.words[3].start


def test_what_tells_secrets_is_never_run_together() -> None:
    voice = load_voices()[0]
    slots = {"{contact}", "{phone}"}
    digits = "oh one two three four five six seven eight nine"

    speech = say(digits, voice)
    gaps = [word.end - word.start for word in speech.words]

    assert slots <= {w.strip(".,?") for line in load_phrasebook().every_line() for w in line.split()}
    assert min(gaps) > 1_500  # each has an event of its own: a tenth of a second and more


@pytest.mark.parametrize("name", ["reed", "caleb", "f5", "victor", "klatt4", "alex"])
def test_the_same_words_give_the_same_samples_whatever_came_before(name: str) -> None:
    voices = {voice.name: voice for voice in load_voices()}
    if name not in voices:
        pytest.skip(f"no voice {name}")

    first = say(LINE, voices[name]).pcm
    say("Something else altogether.", voices["alex"])

    assert np.array_equal(first, say(LINE, voices[name]).pcm)


def test_speakers_differ() -> None:
    sounds = {say("Alexa.", voice).pcm.tobytes() for voice in load_voices()}

    assert len(sounds) == len(load_voices())


def test_a_voice_nobody_has_is_an_error() -> None:
    missing = load_voices()[0].model_copy(update={"variant": "nobody"})

    with pytest.raises(SpeechError, match="has no en-gb-x-rp\\+nobody"):
        say("Alexa.", missing)


def test_silence_cannot_be_said() -> None:
    with pytest.raises(SpeechError, match="nothing to say"):
        say("  ", load_voices()[0])
