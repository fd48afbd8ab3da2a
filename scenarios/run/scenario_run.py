"""Runs one scenario, from file to verdict: start, drive, wait until settled, observe, check."""

import shlex
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.files import BadFile, write_private
from gateway.identities import Identities
from scenarios.decisions.by_utterance import by_utterance
from scenarios.decisions.pipe import DecisionPipe
from scenarios.leaks.detector import LeakDetector
from scenarios.model.scenario import Scenario
from scenarios.model.suite_files import SUITES, Prepared
from scenarios.report.made import earlid_version, made
from scenarios.report.result import RunResult
from scenarios.run.access import PROBES
from scenarios.run.broker import free_port
from scenarios.run.drive import drive, misbehave
from scenarios.run.happen import Stage, faults_for, hostile_of
from scenarios.run.observe import Looking, make_detector, observe
from scenarios.run.outcome import Heard, judged, ledger_of, stopped_early, wanted_of
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator, Step
from scenarios.run.target import Running, Target, load_target, start_builtin, stored_clips, stored_count
from scenarios.run.world import heard, world_of
from simulator.device.clock import Clock
from simulator.device.fleet import Plan
from simulator.device.workers import merge
from simulator.links.fault_kinds import Schedule
from simulator.links.faults import Faults
from simulator.plan.slices import slices
from simulator.sound.scene_file import encode_scenes, scenes_beside
from simulator.world.truth import Truth


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line decides. Without a `target` the scenario names it.

    `keep_truth` names a folder for the answer key. `port` 0 means any free port. With `replay`, a recorded schedule,
    only the recorded faults happen. `operator` stands in the report's head. `command` holds the options of this run,
    for the line that runs it again.
    """

    target: Target | None = None
    port: int = 0
    keep_truth: Path | None = None
    replay: Schedule | None = None
    operator: str | None = None
    command: tuple[str, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A result, and the detector that knows the identities its reports must not name; `tags`: the store's join tags."""

    result: RunResult
    detector: LeakDetector
    tags: tuple[str, ...] = ()


def run_scenario(prepared: Prepared, *, out: Path, options: Options, narrator: Narrator) -> Run:
    """Run against the built-in target, with its own processes and a private folder that is removed at the end.

    Raises:
        ProcessDied, LinkError: a part of the run has ended or does not answer.
        BadFile: the target file is wrong, the replay belongs to another run, or an event cannot happen here.
    """
    scenario, started = prepared.scenario, datetime.now(UTC)
    asked = options.target or _own_target(prepared)
    _check_replay(options.replay, scenario)
    for folder_wanted in (out, options.keep_truth):  # a disk that takes nothing is known before the work is done
        if folder_wanted is not None:
            folder_wanted.mkdir(parents=True, exist_ok=True)
    with narrator.phase("households and what they will say"):
        identities, plan = world_of(scenario)
    with (
        tempfile.TemporaryDirectory(prefix="earlid-") as private,
        DecisionPipe(Path(private)) as decisions,
        Processes(out / "logs") as processes,
    ):
        folder = Path(private)
        with narrator.phase("broker, vault, gateway, review tool"):
            target = _started(prepared, asked, options, processes, folder, identities, decisions.path)
        stage = Stage(
            target=target,
            processes=processes,
            folder=folder,
            identities=identities,
            fleet=scenario.fleet,
            contracts=prepared.later,
        )
        with narrator.phase("fleet speaks, gateway listens") as step:
            faults = faults_for(scenario, options.replay, stage)
            truth = _spoken(scenario, plan, target, processes, step, faults)
            hostile = misbehave(hostile_of(scenario.fleet), target, processes, seed=scenario.seed)
        if options.keep_truth is not None:
            keep_answer_key(options.keep_truth, identities.to_json(), truth, plan)
        stored, total = stored_clips(target.store_url), stored_count(target.store_url)
        tags = tuple(clip.tag for clip in stored)
        detector, wanted = make_detector(identities, tags), wanted_of(truth, prepared, identities, plan)
        look = Looking(
            scenario=scenario,
            contract=prepared.judged_by,
            target=target,
            processes=processes,
            folder=folder,
            identities=identities,
            detector=detector,
            plan=plan,
            stored=stored,
            narrator=narrator,
        )
        seen = observe(look, stopped=stopped_early(prepared, wanted, stored, total, target))
    heard_of = Heard(
        ledger=ledger_of(wanted, stored, total, seen.responses, target),
        seen=seen,
        pace=truth.pace,
        schedule=faults.schedule if faults else None,
        hostile=hostile,
        decisions=by_utterance(decisions.read(), truth.utterances, target.join_key),
    )
    head = made(
        started=started,
        target=f"built in, {earlid_version()}, broker {target.broker.kind}",
        operator=options.operator,
        command=shlex.join(again(prepared, options.command)),
    )
    result = judged(prepared, identities, heard_of, narrator, broker=target.broker.kind, made=head, out=out)
    return Run(result=result, detector=detector, tags=tags)


def _started(
    prepared: Prepared,
    asked: Target,
    options: Options,
    processes: Processes,
    folder: Path,
    identities: Identities,
    decisions: Path,
) -> Running:
    """Start the target. If the contract changes during the run, the review tool must come back on the same port."""
    scenario = prepared.scenario
    rules = folder / "contract.yaml"
    write_private(rules, prepared.contract.model_dump_json(by_alias=True).encode())
    return start_builtin(
        processes,
        folder,
        identities=identities,
        contract=str(rules),
        reviewers=scenario.load.most_reviewers,
        asked=asked,
        port=options.port or (free_port() if prepared.later else 0),
        own_connections=scenario.wire.connections == "own",
        bad_lines=any(event.do == "link" for event in scenario.timeline),
        probes=PROBES if {"access", "review_work"} & set(scenario.checks) else (),
        decisions=decisions,
    )


def _spoken(
    scenario: Scenario, plan: Plan, target: Running, processes: Processes, step: Step, faults: Faults | None
) -> Truth:
    """What the fleet sent, over the wire that the scenario names. With several paces, the parts follow one another."""
    wire = scenario.wire
    parts = slices(plan, len(wire.paces))
    return merge(
        [
            drive(
                part,
                target,
                processes,
                step,
                connections=wire.connections,
                hearing=heard(scenario),
                clock=Clock(factor=pace, limit_ms=wire.max_lag_ms),
                faults=faults,
            )
            for part, pace in zip(parts, wire.paces, strict=True)
        ]
    )


def again(prepared: Prepared, options: Sequence[str] = ()) -> list[str]:
    """The command that repeats exactly this run from the same folder."""
    file = prepared.file.resolve()
    if file.is_relative_to(SUITES):
        named = str(file.relative_to(SUITES).with_suffix(""))
    else:
        here = Path.cwd()
        named = str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
    only = ["--only", prepared.name] if prepared.cell else []
    seed = [] if "seed" in prepared.cell else ["--seed", str(prepared.scenario.seed)]
    return ["earlid", "run", named, *only, *seed, *options]


def _own_target(prepared: Prepared) -> Target:
    """The target that the scenario names. Its path is relative to the scenario's file."""
    named = prepared.scenario.target
    return load_target(prepared.file.parent / named if named else None, broker=prepared.scenario.broker)


def _check_replay(replay: Schedule | None, scenario: Scenario) -> None:
    if replay is not None and replay.seed != scenario.seed:
        raise BadFile(
            f"--replay: recorded with seed {replay.seed}; {scenario.name} has seed {scenario.seed}: "
            f"--seed {replay.seed} runs the world it was recorded in"
        )


def keep_answer_key(folder: Path, identities: bytes, truth: Truth, plan: Plan) -> None:
    """Write identities, truth and scenes to private files."""
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / "identities.json", identities)
    write_private(folder / "truth.json", msgspec.json.encode(truth))
    write_private(
        scenes_beside(folder / "truth.json"), encode_scenes({u.utterance_id: u.scene for u in plan.utterances})
    )
