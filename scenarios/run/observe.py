"""Looks at the target from outside: under load, clip by clip afterwards, and at what it left on disk."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.contract.model import Contract
from gateway.files import write_private
from gateway.identities import Identities
from scenarios.checks.thresholds import whole
from scenarios.kept.at_rest import searched
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.needles import join_tag_needles
from scenarios.model.ledger import Stored
from scenarios.model.observations import Aged, Observations, Searched, read_spool, unanswered_in
from scenarios.model.scenario import Scenario
from scenarios.run.access import Access
from scenarios.run.ageing import age, probes
from scenarios.run.audit_visit import visit
from scenarios.run.load import LoadLimits, LoadStopped, figures, recorded_in, run_load, staged
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator, Step
from scenarios.run.target import Running
from simulator.device.fleet import Plan
from simulator.sound.scenes import Scene, render

_DAY_MS = 86_400_000


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the target needs. `plan` is what was said, `stored` the clips that the store has joined."""

    scenario: Scenario
    contract: Contract
    target: Running
    processes: Processes
    folder: Path
    identities: Identities
    detector: LeakDetector
    plan: Plan
    stored: Sequence[Stored]
    narrator: Narrator

    @property
    def spool(self) -> Path:
        return self.folder / "spool.jsonl"


class _Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """How the reviewers' work ended: seconds of load, the threshold that stopped it, responses by warm-up."""

    seconds: float
    stopped: str | None
    warm: Mapping[int, int]


def observe(look: Looking, *, stopped: str | None = None) -> Observations:
    """Everything the checks will look at. Stops the target at the end, so that its files are complete.

    Where a threshold has `stopped` the run already, no reviewer works.

    Raises:
        ProcessDied: a part of the run is gone.
    """
    write_private(look.folder / "identities.json", look.identities.to_json())
    access = Access(look.target, look.folder, look.contract) if look.target.probes else None
    midway = any(event.do == "reviewer_revoked" for event in look.scenario.timeline)
    if access is not None and midway:
        _ask(look, access)
    loaded = _under_load(look, access, stopped)
    if access is not None and not midway:
        _ask(look, access)
    if access is not None and "access" in look.scenario.judged_by:
        access.take_away()
    responses, controls = read_spool(look.spool)
    with look.narrator.phase("every clip listened to"):
        own = visit(look.target.review_url, look.target.auditor, look.detector)
        sounds = {said.utterance_id: recording(said.scene) for said in look.plan.utterances}
        look.processes.check()
    return Observations(
        responses=responses,
        controls=controls,
        served=own.served,
        routes=own.routes,
        doors=own.doors,
        at_rest=_left_on_disk(look, access),
        load=figures(responses, loaded.seconds, unanswered=unanswered_in(look.spool)),
        looked_for=look.detector.fields,
        left_out=look.detector.left_out,
        sounds=sounds,
        aged=_months_later(look),
        probes=tuple(access.probes) if access is not None else (),
        warm=loaded.warm,
        stopped=loaded.stopped,
        recorded=tuple(path.read_bytes() for path in recorded_in(look.folder)),
    )


def _ask(look: Looking, access: Access) -> None:
    with look.narrator.phase("the review tool is asked for what nobody may have"):
        access.begin(look.scenario.judged_by)


def _under_load(look: Looking, access: Access | None, stopped: str | None) -> _Loaded:
    """Reviewers work, stage by stage, unless a threshold has stopped the run already."""
    limits, seconds = LoadLimits([whole(each) for each in look.scenario.thresholds], look.spool), 0.0
    if stopped is None:
        with look.narrator.phase("reviewers at work, every response searched") as step:
            began, watched = time.monotonic(), watching(step, look.scenario, access, limits)
            try:
                for stage in staged(look.scenario.load):
                    run_load(
                        look.processes,
                        look.folder,
                        look.target,
                        stage,
                        identities=look.folder / "identities.json",
                        join_tags=[clip.tag for clip in look.stored],
                        spool=look.spool,
                        seed=look.scenario.seed,
                        step=watched,
                    )
            except LoadStopped as error:
                stopped = str(error)
            seconds = time.monotonic() - began
            limits.end()
    return _Loaded(seconds=seconds, stopped=stopped, warm=limits.warm)


def _left_on_disk(look: Looking, access: Access | None) -> tuple[Searched, ...]:
    """The target's files, searched once its parts have stopped."""
    with look.narrator.phase("files at rest searched"):
        for name in ("gateway", "review", "vault"):
            look.processes.stop(name)
        if access is not None and "access" in look.scenario.judged_by:
            access.end()
        files = files_at_rest(look.target, look.processes.logs)
        return tuple(searched(files, look.detector, encrypted=look.target.encrypted))


def _months_later(look: Looking) -> tuple[Aged, ...]:
    """The store as it is on the days that the contract and the timeline speak of, where retention is checked."""
    if "retention" not in look.scenario.checks:
        return ()
    with look.narrator.phase("months later: what is left in the store"):
        store = Path(look.target.store_url.removeprefix("sqlite:///"))
        later = (-(-event.after // _DAY_MS) for event in look.scenario.timeline if event.after)
        days = sorted({*probes(look.contract), *later})
        return age(store, look.folder / "contract.yaml", days, look.folder)


def watching(step: Step, scenario: Scenario, access: Access | None, limits: LoadLimits) -> Step:
    """The step, which also takes an account away when the timeline says so, and looks at the limits."""
    times = [event.at / 1_000 for event in scenario.timeline if event.do == "reviewer_revoked"]
    began = time.monotonic()

    def stepped(done: int, total: int) -> None:
        step(done, total)
        elapsed = time.monotonic() - began
        if access is not None and times and elapsed >= min(times):
            access.take_away()
        limits.look(elapsed)

    return stepped


def make_detector(identities: Identities, tags: Sequence[str]) -> LeakDetector:
    """Knows every identity, and the join tags: the harness's own secret may not be shown either."""
    return LeakDetector(identities, extra=join_tag_needles(list(tags)))


def recording(scene: Scene) -> npt.NDArray[np.int16]:
    """What a device sent of a scene: rendered anew, sample for sample the same."""
    pcm: npt.NDArray[np.int16] = render(scene).pcm
    return pcm


def files_at_rest(target: Running, logs: Path) -> list[Path]:
    """The target's files and the processes' logs, those there are and hold anything."""
    candidates = [*target.at_rest, *sorted(logs.glob("*.log"))]
    return [path for path in candidates if path.is_file() and path.stat().st_size]
