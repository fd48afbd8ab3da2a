"""Recordings of real people, where some are at hand (`EARLID_RECORDINGS`, or ../shared/voices beside the checkout)."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import chi2

from gateway.gate.verify import SHIPPED
from gateway.gate.wake import OpenWakeWord
from scenarios.wakewords.recordings import FOLDER_SETTING, Recording, fingerprint, recordings_folder
from simulator.sound.recordings import read_samples
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.accepting import strict_keeps
from tests.benchmarks.gate.conftest import ENGINE, SHARE, wilson
from tests.benchmarks.gate.real_people import WAYS, judged, noise_and_music, read_all, speech_of

pytestmark = pytest.mark.bench
Both = tuple[Sequence[Recording], Sequence[Recording]]


@pytest.fixture(scope="module")
def recordings() -> Both:
    folder = recordings_folder()
    if folder is None:
        pytest.skip(f"no recordings of real people at hand: {FOLDER_SETTING} names a folder with wake/ and other/")
    wake, other = read_all([folder])
    step = max(1, round(1 / SHARE))
    return wake[::step], other[::step]


def test_requests_of_real_people(recordings: Both, note: Note) -> None:
    wake, other = recordings
    if not wake:
        pytest.skip("no recordings under wake/")
    with np.load(SHIPPED, allow_pickle=False) as shipped:
        fitted = set(shipped["heard"].tolist()) if "heard" in shipped else set()
    found = list(judged(OpenWakeWord(), wake, speech_of(other[::5]), strict_keeps))
    for way in WAYS:
        for name, heard in (("never heard", False), ("the model was fitted on", True)):
            rows = [each for each in found if each.way == way and (fingerprint(each.recording.path) in fitted) == heard]
            if not rows:
                continue
            engine, strict = sum(each.peak >= ENGINE for each in rows), sum(each.kept for each in rows)
            note(
                f"real people, recordings {name}: {way}",
                recordings=len(rows),
                engine=round(engine / len(rows), 3),
                strict=round(strict / len(rows), 3),
                strict_95_by_file=wilson(strict, len(rows)),
            )
    assert found


def test_other_real_speech(recordings: Both, note: Note) -> None:
    other = recordings[1]
    if not other:
        pytest.skip("no recordings under other/")
    engine, seconds, accepts, alone = OpenWakeWord(), 0.0, 0, 0
    for recording in other:
        pcm = read_samples(recording.path)
        heard = engine.hear(pcm)
        seconds += len(pcm) / 16_000
        alone += float(heard.scores.max(initial=0.0)) >= ENGINE
        accepts += strict_keeps(engine, pcm, heard)
    note_hours(note, "real people without the word", seconds / 3_600, accepts, alone)


def test_noise_and_music(note: Note) -> None:
    engine, seconds, accepts, alone = OpenWakeWord(), 0.0, 0, 0
    for pcm in noise_and_music(120 * SHARE, seed=91):
        heard = engine.hear(pcm)
        seconds += len(pcm) / 16_000
        alone += float(heard.scores.max(initial=0.0)) >= ENGINE
        accepts += strict_keeps(engine, pcm, heard)
    note_hours(note, "noise and music", seconds / 3_600, accepts, alone)
    assert accepts <= 1


def note_hours(note: Note, name: str, hours: float, accepts: int, alone: int) -> None:
    at_most = float(chi2.ppf(0.95, 2 * accepts + 2)) / 2
    note(
        name,
        hours=round(hours, 2),
        strict=accepts,
        strict_per_hour=round(accepts / hours, 2),
        strict_per_hour_at_most_95=round(at_most / hours, 2),
        engine_per_hour=round(alone / hours, 2),
    )
    assert np.isfinite(at_most)
