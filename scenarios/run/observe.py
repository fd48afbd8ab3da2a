"""Looks at the target from outside: under load, clip by clip afterwards, and at what it left on disk."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.contract.model import Contract
from gateway.files import write_private
from gateway.identities import Identities
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.needles import join_tag_needles
from scenarios.leaks.sources.records.sqlite import rows_of
from scenarios.model.ledger import Stored
from scenarios.model.observations import Aged, Observations, Searched, read_spool
from scenarios.model.scenario import Scenario
from scenarios.run.ageing import age, probes
from scenarios.run.audit_visit import visit
from scenarios.run.load import figures, run_load, staged
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator
from scenarios.run.target import Running
from scenarios.verdict import Where
from simulator.device.fleet import Plan
from simulator.sound.scenes import Scene, render


def observe(
    scenario: Scenario,
    contract: Contract,
    target: Running,
    processes: Processes,
    folder: Path,
    *,
    identities: Identities,
    detector: LeakDetector,
    plan: Plan,
    stored: Sequence[Stored],
    narrator: Narrator,
) -> Observations:
    """Everything the checks will look at. Stops the target at the end, so that its files are complete.

    Raises:
        ProcessDied: a part of the run is gone.
    """
    known, spool = folder / "identities.json", folder / "spool.jsonl"
    write_private(known, identities.to_json())
    with narrator.phase("reviewers at work, every response searched") as step:
        seconds = sum(
            run_load(
                processes,
                folder,
                target,
                stage,
                identities=known,
                join_tags=[clip.tag for clip in stored],
                spool=spool,
                seed=scenario.seed,
                step=step,
            )
            for stage in staged(scenario.load)
        )
    responses, controls = read_spool(spool)
    with narrator.phase("every clip listened to"):
        served, routes = visit(target.review_url, target.auditor, detector)
        sounds = {said.utterance_id: recording(said.scene) for said in plan.utterances}
        processes.check()
    with narrator.phase("files at rest searched"):
        for name in ("gateway", "review", "vault"):
            processes.stop(name)
        at_rest = tuple(searched(files_at_rest(target, processes.logs), detector))
    aged: tuple[Aged, ...] = ()
    if "retention" in scenario.checks:
        with narrator.phase("months later: what is left in the store"):
            store = Path(target.store_url.removeprefix("sqlite:///"))
            aged = age(store, folder / "contract.yaml", probes(contract), folder)
    return Observations(
        responses=responses,
        controls=controls,
        served=served,
        routes=routes,
        at_rest=at_rest,
        load=figures(responses, seconds),
        needles=detector.needle_count + detector.place_count,
        sounds=sounds,
        aged=aged,
    )


def make_detector(identities: Identities, stored: Sequence[Stored]) -> LeakDetector:
    """Knows every identity, and the join tags: the harness's own secret may not be shown either."""
    return LeakDetector(identities, extra=join_tag_needles([clip.tag for clip in stored]))


def recording(scene: Scene) -> npt.NDArray[np.int16]:
    """What a device sent of a scene: rendered anew, sample for sample the same."""
    pcm: npt.NDArray[np.int16] = render(scene).pcm
    return pcm


def files_at_rest(target: Running, logs: Path) -> list[Path]:
    """The target's files and the processes' logs, those there are and hold anything."""
    candidates = [*target.at_rest, *sorted(logs.glob("*.log"))]
    return [path for path in candidates if path.is_file() and path.stat().st_size]


def searched(paths: Iterable[Path], detector: LeakDetector) -> Iterable[Searched]:
    for path in paths:
        data = path.read_bytes()
        found = detector.scan_bytes(data, Where(kind="file", name=path.name))
        found += detector.scan_bytes(rows_of(path), Where(kind="database", name=path.name))
        # The store's join table is the harness's own: its tags are at rest there on purpose.
        kept = tuple(finding for finding in found if finding.field != "join_tag")
        yield Searched(name=path.name, bytes=len(data), findings=kept)
