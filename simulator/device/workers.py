"""Runs one plan in several processes with their own links. The answer key is the same as with one process."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

import msgspec

from simulator.device.assistant import Hearing
from simulator.device.clock import Clock
from simulator.device.fleet import run_fleet
from simulator.links.link import Link
from simulator.plan.plan import Plan
from simulator.world.truth import Truth, Unsent

Connect = Callable[[int], tuple[Link, Link]]


def split(plan: Plan, workers: int) -> list[Plan]:
    """Split a plan into `workers` parts. Each part gets every `workers`-th device, with its plan unchanged."""
    parts = [plan.devices[at::workers] for at in range(workers)]
    return [
        msgspec.structs.replace(plan, devices=part, unsent=_of(plan.unsent, {device.site_id for device in part}))
        for part in parts
    ]


def _of(unsent: Sequence[Unsent], sites: set[str]) -> tuple[Unsent, ...]:
    return tuple(each for each in unsent if each.device in sites)


def merge(truths: Sequence[Truth]) -> Truth:
    """Merge the parts' answer keys into one, in the order that one process would give.

    Raises:
        ValueError: no parts, or parts of different seeds.
    """
    if len({truth.seed for truth in truths}) != 1:
        raise ValueError("parts of one run are wanted")
    return Truth(
        seed=truths[0].seed,
        utterances=tuple(sorted((u for t in truths for u in t.utterances), key=lambda u: u.utterance_id)),
        deliveries=tuple(sorted((d for t in truths for d in t.deliveries), key=lambda d: d.utterance_id)),
        unsent=tuple(sorted((u for t in truths for u in t.unsent), key=lambda u: u.utterance_id)),
        pace=max((t.pace for t in truths if t.pace), key=lambda pace: pace.p99_ms, default=None),
        silence_s=max((t.silence_s for t in truths if t.silence_s is not None), default=None),
    )


def run_workers(
    plan: Plan, *, workers: int, connect: Connect, clock: Clock | None = None, hearing: Hearing | None = None
) -> Truth:
    """Run each part in a process of its own.

    `connect` opens a worker's two links (devices, assistant) in its process. It must be a top-level function.
    """
    parts = list(enumerate(split(plan, workers)))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(_one, part, at, connect, clock, hearing) for at, part in parts]
        return merge([each.result() for each in running])


def _one(plan: Plan, worker: int, connect: Connect, clock: Clock | None, hearing: Hearing | None) -> Truth:
    link, transcripts = connect(worker)
    try:
        return run_fleet(plan, link=link, transcripts=transcripts, clock=clock, hearing=hearing)
    finally:
        link.close()
        transcripts.close()
