"""The same take sounds the same; a channel changes what it says it changes; another synthesiser where there is one."""

import msgspec
import numpy as np
import pytest

from scenarios.wakewords.corpus import BANDS, PLACES, Channel, Take, takes
from scenarios.wakewords.flite import find_flite, say_flite
from scenarios.wakewords.sounds import pcm_of, place
from simulator.sound.speech import SpeechError


@pytest.fixture
def take() -> Take:
    return next(takes(1, kind="wake", seed=5))


def through(take: Take, **channel: object) -> np.ndarray:
    return pcm_of(msgspec.structs.replace(take, channel=Channel(**channel)))  # type: ignore[arg-type]


def test_the_same_take_gives_the_same_samples(take: Take) -> None:
    varied = next(each for each in takes(50, kind="wake", seed=5, varied=True) if each.backdrop == "television")
    for each in (take, varied):
        assert np.array_equal(pcm_of(each), pcm_of(each))


def test_a_channel_changes_what_it_says(take: Take) -> None:
    plain = through(take)
    assert len(through(take, speed=1.1)) == pytest.approx(len(plain) / 1.1, rel=0.001)
    boosted = through(take, bands_db=(0.0,) * (BANDS - 1) + (6.0,))
    high = np.fft.rfftfreq(len(plain), 1 / 16_000) > 6_500
    powers = [float(np.square(np.abs(np.fft.rfft(pcm))[high]).mean()) for pcm in (plain, boosted)]
    assert 10 * np.log10(powers[1] / powers[0]) == pytest.approx(6.0, abs=0.5)
    assert len(through(take, place=3)) >= len(plain)


def test_every_place_is_in_its_room() -> None:
    for number in range(2 * PLACES):
        room, talker = place(number)
        assert all(0 < at < side for at, side in zip(talker, room.size_m, strict=True))


@pytest.mark.skipif(find_flite() is None, reason="flite is not installed: optional")
def test_another_synthesiser_speaks_as_loud(take: Take) -> None:
    made = next(takes(1, kind="wake", seed=5, source="flite"))
    pcm = pcm_of(made)
    assert np.array_equal(pcm, pcm_of(made))
    ours = pcm_of(take)
    loud = [
        20 * np.log10(np.sqrt(np.mean(np.square(np.sort(np.abs(each.astype(float)))[-4_000:])))) for each in (pcm, ours)
    ]
    assert loud[0] == pytest.approx(loud[1], abs=6)


def test_without_flite_its_voices_cannot_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    made = next(takes(1, kind="wake", seed=5, source="flite"))
    with pytest.raises(SpeechError):
        say_flite(made.line, made.voice)
