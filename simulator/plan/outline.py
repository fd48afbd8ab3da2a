"""A fleet's day without audio: how many devices speak when. For fleets that are too big to render."""

import bisect
import itertools
from collections.abc import Generator

import msgspec
import numpy as np
import simpy

from simulator.plan.plan import Mix
from simulator.world.arrivals import Day, arrivals, habit, watches

_OUTLINE = 6  # substream of the seed
_LEAST_MS, _MOST_MS = 1_500, 9_000  # how long a session lasts
_FRAME_MS = 80


class Outline(msgspec.Struct, kw_only=True):
    """The load that a day would bring a gateway. `events` counts SimPy's events."""

    devices: int
    utterances: int = 0
    frames: int = 0
    events: int = 0
    most_at_once: int = 0
    kinds: dict[str, int] = {}


def outline(day: Day, *, devices: int, seed: int, mix: Mix | None = None) -> Outline:
    """Run `devices` through `day`. Each is a SimPy process with its own random stream, so devices are independent."""
    env, told = simpy.Environment(), Outline(devices=devices, kinds={})
    weights = msgspec.structs.asdict(mix or Mix())
    usual = list(itertools.accumulate(weights.values()))
    evening = list(
        itertools.accumulate(w * (day.television_false_wakes if k == "false_wake" else 1) for k, w in weights.items())
    )
    names, at_once = list(weights), [0]

    def life(number: int) -> Generator[simpy.Event, None, None]:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_OUTLINE, number)))
        home = habit(day, rng)
        times = arrivals(day, home, rng)
        draws = rng.random(2 * len(times)).tolist()
        del rng  # a hundred thousand generators would be most of the memory
        for at_ms, what, length in zip(times, draws[::2], draws[1::2], strict=True):
            if at_ms > env.now:
                told.events += 1
                yield env.timeout(at_ms - env.now)
            shares = evening if watches(day, home, at_ms) else usual
            kind = names[bisect.bisect(shares, what * shares[-1])]
            lasts = int(_LEAST_MS + length * (_MOST_MS - _LEAST_MS))
            told.utterances += 1
            told.frames += -(-lasts // _FRAME_MS)
            told.kinds[kind] = told.kinds.get(kind, 0) + 1
            at_once[0] += 1
            told.most_at_once = max(told.most_at_once, at_once[0])
            told.events += 1
            yield env.timeout(lasts)
            at_once[0] -= 1

    for number in range(devices):
        env.process(life(number))
    env.run()
    return told
