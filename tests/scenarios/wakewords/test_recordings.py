"""Recordings of real people are found by folder, read at 16 kHz, and refused in one line."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.files import BadFile
from scenarios.wakewords.recordings import FOLDER_SETTING, recordings_folder, recordings_folders, recordings_in
from simulator.sound.recordings import read_samples


def tone(path: Path, hz: int, channels: int = 1, seconds: float = 0.5) -> Path:
    time = np.arange(int(hz * seconds)) / hz
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(0.5 * np.sin(2 * np.pi * 440 * time)[:, None], channels, axis=1), hz)
    return path


@pytest.mark.parametrize(
    ("name", "hz", "channels"), [("a.flac", 16_000, 1), ("a.wav", 44_100, 2), ("b.flac", 8_000, 1)]
)
def test_any_rate_and_any_channels_are_read(name: str, hz: int, channels: int, tmp_path: Path) -> None:
    pcm = read_samples(tone(tmp_path / name, hz, channels))
    assert pcm.dtype == np.int16
    assert abs(len(pcm) - 8_000) <= 2
    spectrum = np.abs(np.fft.rfft(pcm[:8_000]))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=4)
    assert np.abs(pcm).max() == pytest.approx(16_384, rel=0.1)


def test_any_depth_is_found_under_its_source(tmp_path: Path) -> None:
    for name in ("wake/one/deep/b.flac", "wake/a.wav", "other/two/c.flac"):
        tone(tmp_path / name, 16_000)
    (tmp_path / "wake" / "README.md").write_text("not a sound")
    found = recordings_in([tmp_path], "wake")
    assert [(each.path.name, each.source) for each in found] == [("a.wav", tmp_path.name), ("b.flac", "one")]
    assert [each.source for each in recordings_in([tmp_path], "other")] == ["two"]
    assert all(0 <= each.fold < 5 for each in found)


def test_what_is_named_goes_before_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        tone(tmp_path / name / "wake" / "a.flac", 16_000)
    monkeypatch.setenv(FOLDER_SETTING, str(tmp_path / "one"))
    assert recordings_folder() == tmp_path / "one"
    assert recordings_folder(tmp_path / "two") == tmp_path / "two"


def test_several_folders_may_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        tone(tmp_path / name / "other" / "a.flac", 16_000)
    monkeypatch.setenv(FOLDER_SETTING, os.pathsep.join(str(tmp_path / name) for name in ("one", "two")))
    assert recordings_folders() == (tmp_path / "one", tmp_path / "two")
    assert recordings_folder() == tmp_path / "one"
    monkeypatch.setenv(FOLDER_SETTING, str(tmp_path))
    with pytest.raises(BadFile, match="wake/ or other/"):
        recordings_folders()


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="wake/ or other/"):
        recordings_folder(tmp_path)


def test_what_is_no_sound_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC nothing")
    with pytest.raises(BadFile, match="not a sound file") as told:
        read_samples(tmp_path / "a.flac")
    assert "\n" not in str(told.value)
