"""A hundred thousand devices through a day: event rate beside a bare SimPy loop, and memory; in the core's own time."""

import resource
import time
from typing import Any

import pytest
import simpy

from simulator.plan.outline import Outline, outline
from simulator.world.arrivals import Day

DEVICES = 100_000


def _bare(devices: int, events_each: int) -> float:
    """Events a second of as many processes that only wait."""
    env = simpy.Environment()

    def life(number: int) -> Any:
        for step in range(events_each):
            yield env.timeout(1_000 + (number * 7_919 + step * 104_729) % 5_000_000)

    for number in range(devices):
        env.process(life(number))
    began = time.process_time()
    env.run()
    return devices * events_each / (time.process_time() - began)


@pytest.mark.bench
@pytest.mark.benchmark(group="plan-only day")
def test_a_day_of_a_hundred_thousand_devices(benchmark: Any, note: Any) -> None:
    core_s: list[float] = []

    def day() -> Outline:
        began = time.process_time()
        told = outline(Day(per_day=12.0), devices=DEVICES, seed=1)
        core_s.append(time.process_time() - began)
        return told

    told: Outline = benchmark.pedantic(day, rounds=1, iterations=1)
    seconds = core_s[0]
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rate, bare = told.events / seconds, _bare(DEVICES, told.events // DEVICES)
    note(
        "plan_only_day",
        devices=DEVICES,
        utterances=told.utterances,
        events=told.events,
        seconds=round(seconds, 1),
        events_per_s=round(rate),
        bare_simpy_per_s=round(bare),
        ratio=round(rate / bare, 3),
        peak_gib=round(peak_gib, 2),
    )
    assert rate >= 0.5 * bare
    assert peak_gib < 1.5
