"""What `strict` makes of recordings of real people: as recorded, with speech close behind, in noise; and of others.

The whole path: a decision, and the wake word found again in what is cut.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from gateway.gate.wake import Pcm
from scenarios.wakewords.recordings import Recording, recordings_in
from scenarios.wakewords.staging import Stage, cut_to_speech, staged
from simulator.sound.noises import dishes, music, pink_noise
from simulator.sound.recordings import read_samples
from tests.benchmarks.gate.accepting import Hears, Keeps

LEAST_SPEECH = 8_000
WAYS: Mapping[str, Stage | None] = {
    "as recorded": None,
    "speech 150 ms behind": Stage(behind="speech", gap_ms=150, before_ms=500),
    "speech 0 ms behind": Stage(behind="speech", gap_ms=0, before_ms=500),
    "speech 700 ms behind": Stage(behind="speech", gap_ms=700, before_ms=500),
    "pink noise at 10 dB": Stage(over="pink", snr_db=10.0),
    "the word alone, then zeros": Stage(behind="zeros", before_ms=500),
}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One recording in one way: what the engine alone heard (its score) and whether the gate kept it."""

    recording: Recording
    way: str
    peak: float
    kept: bool


def speech_of(others: Iterable[Recording]) -> tuple[Pcm, ...]:
    """Other people's sentences, cut to their speech: what is said behind a wake word."""
    cut = (cut_to_speech(read_samples(each.path)) for each in others)
    return tuple(pcm for pcm in cut if len(pcm) >= LEAST_SPEECH)


def judged(engine: Hears, recordings: Sequence[Recording], behind: Sequence[Pcm], keeps: Keeps) -> Iterator[Judged]:
    """Each recording in each way; what is said behind is drawn from a seed."""
    rng = np.random.default_rng(11)
    for number, recording in enumerate(recordings):
        pcm = read_samples(recording.path)
        for way, stage in WAYS.items():
            heard_pcm = pcm
            if stage is not None:
                said = (behind[int(rng.integers(len(behind)))],) if behind else ()
                if stage.behind == "speech" and not said:
                    continue
                heard_pcm = staged(pcm, said, msgspec.structs.replace(stage, seed=number)).pcm
            heard = engine.hear(heard_pcm)
            peak = float(heard.scores.max(initial=0.0))
            yield Judged(recording=recording, way=way, peak=peak, kept=keeps(engine, heard_pcm, heard))


def noise_and_music(minutes: float, seed: int) -> Iterator[Pcm]:
    """Ten seconds at a time: coloured noise, dishes, chords, hum and chirps, at levels from quiet to full scale."""
    rng = np.random.default_rng(seed)
    samples = 160_000
    time = np.arange(samples) / 16_000
    for number in range(int(minutes * 6)):
        kind = number % 6
        if kind == 0:
            sound = pink_noise(samples, -20, rng)
        elif kind == 1:
            sound = rng.standard_normal(samples)
        elif kind == 2:
            sound = dishes(samples, rng)
        elif kind == 3:
            sound = music(samples, rng)
        elif kind == 4:  # a voice's range without words: harmonics that glide and pulse
            pitch = rng.uniform(80, 400) * 2 ** (np.cumsum(rng.normal(0, 0.004, samples)) / 8)
            phase = 2 * np.pi * np.cumsum(pitch) / 16_000
            sound = sum(np.sin(n * phase) / n for n in range(1, 12))  # type: ignore[assignment]
            sound = sound * (np.sin(2 * np.pi * rng.uniform(1, 6) * time + rng.uniform(0, 6)) > rng.uniform(-1, 0.8))
        else:
            sound = np.cumsum(rng.standard_normal(samples))
            sound = sound - np.convolve(sound, np.ones(800) / 800, mode="same")
        peak = 10 ** rng.uniform(-2.5, 0.05) * 32_767
        yield np.clip(sound * (peak / max(float(np.abs(sound).max()), 1e-9)), -32_768, 32_767).astype(np.int16)


def read_all(folders: Sequence[Path]) -> tuple[tuple[Recording, ...], tuple[Recording, ...]]:
    return recordings_in(folders, "wake"), recordings_in(folders, "other")
