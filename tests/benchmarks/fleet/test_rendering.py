"""Speech and scene: seconds of audio per second of one core, beside speech alone, and over two processes.

A core's worth is counted in its own time, so that others on the machine do not count; wall time stands beside it. What
two processes can gain at best here is measured with bare arithmetic right before.
"""

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from gateway.wire import RATE_HZ
from simulator.plan.plan import FleetSettings, plan_fleet
from simulator.sound.scenes import Scene, render
from simulator.sound.speech import say
from simulator.world.households import make_identities

_STEPS = 20_000_000


def seconds_of(scenes: list[Scene]) -> float:
    return sum(len(render(scene).pcm) for scene in scenes) / RATE_HZ


def count_to(steps: int) -> int:
    """Nothing but work for one core."""
    return sum(step * step for step in range(steps))


def _bare_scaling(pool: ProcessPoolExecutor) -> float:
    began = time.perf_counter()
    count_to(_STEPS)
    one = time.perf_counter() - began
    began = time.perf_counter()
    list(pool.map(count_to, [_STEPS // 2] * 2))
    return one / (time.perf_counter() - began)


@pytest.mark.bench
@pytest.mark.benchmark(group="rendering")
def test_rendering_is_faster_than_speaking(benchmark: Any, note: Any) -> None:
    plan = plan_fleet(FleetSettings(utterances_per_device=8, in_rooms=0.5), make_identities(seed=1, households=10))
    scenes = [said.scene for said in plan.utterances]
    render(next(scene for scene in scenes if scene.room))  # imports
    core_s: list[float] = []

    def on_one_core() -> float:
        began = time.process_time()
        rendered = seconds_of(scenes)
        core_s.append(time.process_time() - began)
        return rendered

    audio_s = benchmark.pedantic(on_one_core, rounds=2, iterations=1)
    seconds = benchmark.stats.stats.min
    lines = [s for scene in scenes for s in scene.sayings]
    began = time.process_time()
    spoken_s = sum(len(say(" ".join(w.text for w in line.words), line.voice).pcm) for line in lines) / RATE_HZ
    speech_alone = spoken_s / (time.process_time() - began)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        halves = [scenes[0::2], scenes[1::2]]
        list(pool.map(seconds_of, [scenes[:2], scenes[2:4]]))  # imports
        bare = _bare_scaling(pool)
        began = time.perf_counter()
        list(pool.map(seconds_of, halves))
        two = time.perf_counter() - began
    note(
        "rendering",
        audio_s=round(audio_s, 1),
        times_real_time=round(audio_s / min(core_s), 1),
        by_the_wall_clock=round(audio_s / seconds, 1),
        speech_alone=round(speech_alone, 1),
        two_processes=round(audio_s / two, 1),
        scaling=round(seconds / two, 2),
        bare_scaling=round(bare, 2),
        cores=os.cpu_count(),
    )
    assert audio_s / min(core_s) >= 100
