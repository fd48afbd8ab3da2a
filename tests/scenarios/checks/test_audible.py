"""Residual milliseconds of a spoken secret, over voices, against what a redaction may do to it, well or badly."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter, resample_poly

from scenarios.checks.audible import Comparison, piece_of
from scenarios.checks.mcadams import Distorter
from simulator.sound.speech import say
from simulator.sound.voices import Voice, load_voices
from tests.scenarios.world import recording

TEXT = "alexa send a message to laura reed that i will be late"
ALARM_MS = 30


def spoken(voice: Voice, seed: int) -> tuple[np.ndarray, int, int]:
    """Recording (int16) and the samples [start, end) of the secret name."""
    rng = np.random.default_rng(seed)
    speech = say(TEXT, voice)
    pcm = np.concatenate([np.zeros(8_000), speech.pcm.astype(float), np.zeros(4_000)])
    pcm += rng.normal(0, 12, len(pcm))
    words = [word for word in speech.words if word.text in ("laura", "reed")]
    return pcm.clip(-32768, 32767).astype(np.int16), words[0].start + 8_000, words[-1].end + 8_000


WORLDS = [spoken(voice, at) for at, voice in enumerate(load_voices("any")[::13][:4])]


def silenced(x: np.ndarray, start: int, end: int) -> np.ndarray:
    y = x.copy()
    y[start:end] = 0
    return y


def tone(x: np.ndarray, start: int, end: int) -> np.ndarray:
    at = np.arange(len(x))
    return np.where((at >= start) & (at < end), 3_000 * np.sin(at * 2 * np.pi / 16), 0.0)


def noisy(x: np.ndarray, seed: int = 7) -> np.ndarray:
    return x + np.random.default_rng(seed).normal(0, x.std() * 10 ** (-15 / 20), len(x))


def quieter(x: np.ndarray, start: int, end: int) -> np.ndarray:
    y = x.copy()
    y[start:end] *= 0.1
    return y


AUDIBLE = {
    "as it was": lambda x, a, b: x,
    "only the first half silenced": lambda x, a, b: silenced(x, a - 1600, (a + b) // 2),
    "20 dB attenuated": quieter,
    "a beep over it": lambda x, a, b: x + tone(x, a, b),
    "noise over all of it": lambda x, a, b: noisy(x),
    "everything quieter": lambda x, a, b: x * 0.2,
    "resampled on the way": lambda x, a, b: resample_poly(resample_poly(x, 3, 4), 4, 3)[: len(x)],
    "a telephone's band": lambda x, a, b: lfilter([1, -0.9], [1], x),
    "100 ms of an edge left": lambda x, a, b: silenced(x, a + 1_600, b + 1_600),
    "distorted": lambda x, a, b: Distorter(x).distorted(0.7),
    "distorted, half silenced": lambda x, a, b: Distorter(silenced(x, a - 1600, (a + b) // 2)).distorted(0.8),
}
GONE = {
    "silenced": lambda x, a, b: silenced(x, a - 1_600, b + 1_600),
    "silenced to the sample": silenced,
    "beeped": lambda x, a, b: silenced(x, a - 1_600, b + 1_600) + tone(x, a - 1_600, b + 1_600),
    "silenced under noise": lambda x, a, b: noisy(silenced(x, a - 1_600, b + 1_600)),
    "silenced, then distorted": lambda x, a, b: Distorter(silenced(x, a - 1_600, b + 1_600)).distorted(0.7),
}


def residuals(change: Callable[..., Any]) -> Iterator[int]:
    for truth, start, end in WORLDS:
        cut = 1_000 + start % 777
        heard = change(truth.astype(float), start, end)[cut:].clip(-32768, 32767).astype(np.int16)
        compared = Comparison(truth, heard, [(start, end)])
        assert compared.at is not None
        assert abs(compared.at - cut) <= 20
        yield compared.residual_ms(start, end)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * name.startswith("distorted")) for name in AUDIBLE]
)
def test_what_can_still_be_heard_alarms(name: str) -> None:
    assert [ms for ms in residuals(AUDIBLE[name]) if ms < ALARM_MS] == []


@pytest.mark.parametrize("name", GONE)
def test_what_is_gone_does_not(name: str) -> None:
    assert [ms for ms in residuals(GONE[name]) if ms >= ALARM_MS] == []


def test_the_length_of_what_is_left_is_measured() -> None:
    for left in (100, 150, 200):
        found = list(residuals(lambda x, a, b, left=left: silenced(x, a + left * 16, b + 1_600)))
        assert max(abs(ms - left) for ms in found) <= 30


def test_a_distortion_is_recognised() -> None:
    truth, start, end = WORLDS[0]
    heard = Distorter(truth.astype(float)).distorted(0.65).clip(-32768, 32767).astype(np.int16)
    assert Comparison(truth, heard, [(start, end)]).coefficient == pytest.approx(0.65, abs=0.06)


def test_another_recording_is_not_this_one() -> None:
    truth, start, end = WORLDS[0]
    assert Comparison(truth, WORLDS[1][0], [(start, end)]).at is None


WHOLE = recording().astype(float)


def rest(start: int, end: int, cut: int = 0) -> np.ndarray:
    heard = np.zeros_like(WHOLE)
    heard[start:end] = WHOLE[start:end]
    return heard[cut:]


@pytest.mark.parametrize("level", [1.0, 0.05, -1.0])
@pytest.mark.parametrize("cut", [0, 777])
def test_a_rest_is_found_at_any_level_and_cut(level: float, cut: int) -> None:
    assert piece_of(WHOLE, level * rest(24_000, 27_200, cut)) == cut


def test_too_little_or_another_recording_is_nowhere() -> None:
    assert piece_of(WHOLE, rest(24_000, 24_800)) is None
    assert piece_of(WHOLE, np.zeros(9_000)) is None
    assert piece_of(WHOLE, np.zeros(0)) is None
    assert piece_of(WHOLE, recording(seed=8).astype(float)) is None
