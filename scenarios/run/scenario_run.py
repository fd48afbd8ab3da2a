"""One scenario, from file to verdict: start, drive, wait until settled, observe, check."""

import shlex
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.files import BadFile, write_private
from gateway.identities import Identities
from scenarios.attacks.residual import residual
from scenarios.checks.judge import Case, judge
from scenarios.leaks.detector import LeakDetector
from scenarios.model.fleet import Homes
from scenarios.model.ledger import Ledger, Stored, reconcile
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.observations import Observations
from scenarios.model.scenario import Scenario
from scenarios.model.suite_files import SUITES, Prepared
from scenarios.report.made import earlid_version, made
from scenarios.report.result import RunResult
from scenarios.run.drive import drive, misbehave
from scenarios.run.happen import events
from scenarios.run.observe import make_detector, observe
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator, Step
from scenarios.run.target import Running, Target, load_target, start_builtin, stored_clips, stored_count
from simulator.device.assistant import USUAL, Hearing
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, Plan, plan_fleet
from simulator.device.workers import merge
from simulator.links.faults import Event, Faults, Schedule
from simulator.plan.outages import Outages
from simulator.plan.plan import joined
from simulator.plan.slices import slices
from simulator.sound.scene_file import encode_scenes, scenes_beside
from simulator.world.cohort_homes import HomeWish, adapted
from simulator.world.households import make_identities
from simulator.world.truth import Truth

# What the built-in target offers; a user's own may offer less, and checks that need more are then unknown.
CAPABILITIES = frozenset({"join:exact", "truth:audio", "at_rest"})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line decides; without a `target` the scenario does.

    `keep_truth` names a folder that gets the answer key; `port` 0 is any. `replay` is a recorded schedule: only what
    it holds goes wrong. `operator` stands in the report's head; `command` are options that ran this, for the line that
    runs it again.
    """

    target: Target | None = None
    port: int = 0
    keep_truth: Path | None = None
    replay: Schedule | None = None
    operator: str | None = None
    command: tuple[str, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A result, and the detector that knows whom its reports may not name."""

    result: RunResult
    detector: LeakDetector


def run_scenario(prepared: Prepared, *, out: Path, options: Options, narrator: Narrator) -> Run:
    """Run against the built-in target: processes of its own, and a private folder that is removed afterwards.

    Raises:
        ProcessDied, LinkError: a part of the run is gone.
        BadFile: the target does not read, or the replay is another run's.
    """
    scenario, contract = prepared.scenario, prepared.contract
    asked, started = options.target or _own_target(prepared), datetime.now(UTC)
    _check_replay(options.replay, scenario)
    for folder_wanted in (out, options.keep_truth):  # a disk that takes nothing is known before the work is done
        if folder_wanted is not None:
            folder_wanted.mkdir(parents=True, exist_ok=True)
    with narrator.phase("households and what they will say"):
        identities, plan = world_of(scenario)
    with tempfile.TemporaryDirectory(prefix="earlid-") as private_folder, Processes(out / "logs") as processes:
        folder = Path(private_folder)
        rules = folder / "contract.yaml"
        write_private(rules, contract.model_dump_json(by_alias=True).encode())
        with narrator.phase("broker, vault, gateway, review tool"):
            target = start_builtin(
                processes,
                folder,
                identities=identities,
                contract=str(rules),
                reviewers=scenario.load.most_reviewers,
                asked=asked,
                port=options.port,
                own_connections=scenario.wire.connections == "own",
            )
        with narrator.phase("fleet speaks, gateway listens") as step:
            happenings = events(scenario.timeline, target, processes, folder, identities)
            faults = _faults(scenario, options.replay, happenings)
            truth = _spoken(scenario, plan, target, processes, step, faults)
            hostile = misbehave(scenario.fleet.hostile, target, processes, seed=scenario.seed)
        if options.keep_truth is not None:
            _keep(options.keep_truth, identities.to_json(), truth, plan)
        stored, total = stored_clips(target.store_url), stored_count(target.store_url)
        detector = make_detector(identities, stored)
        seen = observe(
            scenario,
            contract,
            target,
            processes,
            folder,
            identities=identities,
            detector=detector,
            plan=plan,
            stored=stored,
            narrator=narrator,
        )
    ledger = _ledger(
        as_contract_wants(truth, contract, identities, forgotten=forgotten(scenario)), stored, total, seen, target
    )
    with narrator.phase("what is left to an attacker"):
        left = residual(identities, ledger, seen, contract)
    case = Case(
        scenario=scenario,
        contract=contract,
        ledger=ledger,
        seen=seen,
        pace=truth.pace,
        residual=left,
        capabilities=CAPABILITIES,
    )
    with narrator.phase("checks"):
        verdicts = judge(case, scenario.judged_by)
    result = RunResult(
        scenario=scenario,
        contract=contract,
        verdicts=verdicts,
        ledger=ledger,
        seen=seen,
        timing=dict(narrator.timing),
        households=len(identities.households),
        broker=target.broker.kind,
        integrity=case.integrity,
        pace=truth.pace,
        schedule=faults.schedule if faults else None,
        residual=left,
        hostile=hostile,
        made=made(
            started=started,
            target=f"built in, {earlid_version()}, broker {target.broker.kind}",
            operator=options.operator,
            command=shlex.join(again(prepared, options.command)),
        ),
        out=out,
    )
    return Run(result=result, detector=detector)


def _spoken(
    scenario: Scenario, plan: Plan, target: Running, processes: Processes, step: Step, faults: Faults | None
) -> Truth:
    """What the fleet said, over the wire the scenario asks for; at several paces, one part of it after another."""
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
    """The command that runs just this again, from the same folder."""
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
    """What the scenario names; its file lies beside the scenario's."""
    named = prepared.scenario.target
    return load_target(prepared.file.parent / named if named else None, broker=prepared.scenario.broker)


def _check_replay(replay: Schedule | None, scenario: Scenario) -> None:
    if replay is not None and replay.seed != scenario.seed:
        raise BadFile(
            f"--replay: recorded with seed {replay.seed}; {scenario.name} has seed {scenario.seed}: "
            f"--seed {replay.seed} runs the world it was recorded in"
        )


def world_of(scenario: Scenario) -> tuple[Identities, Plan]:
    """The households, and what they will say; cohort by cohort."""
    live_in: list[str | None] = []
    for homes, places in scenario.fleet.parts:
        live_in += [homes.towns[at % len(homes.towns)] if homes.towns else None for at in range(len(places))]
    named = live_in if any(live_in) else ()
    identities = make_identities(seed=scenario.seed, households=scenario.fleet.size, live_in=named)
    for homes, places in scenario.fleet.parts:
        wish = HomeWish(
            consent=homes.consent,
            devices=homes.devices_per_household,
            children=homes.children,
            elderly=homes.elderly,
        )
        if wish != HomeWish():
            identities = adapted(identities, wish, places, seed=scenario.seed)
    plans = [plan_fleet(settings_of(scenario, homes), identities, homes=at) for homes, at in scenario.fleet.parts]
    return identities, _only(joined(plans), scenario.fleet.only)


def _only(plan: Plan, labels: Sequence[str]) -> Plan:
    """The plan with the utterances named; everything, where none is.

    Raises:
        BadFile: there is none of that name.
    """
    if not labels:
        return plan
    wanted = set(labels)
    if missing := sorted(wanted - {said.utterance_id for said in plan.utterances}):
        raise BadFile(f"fleet.only: {missing[0]}: the fleet says nothing of that label")
    devices = [
        msgspec.structs.replace(device, utterances=tuple(u for u in device.utterances if u.utterance_id in wanted))
        for device in plan.devices
    ]
    return msgspec.structs.replace(plan, devices=tuple(device for device in devices if device.utterances), unsent=())


def fleet_settings(scenario: Scenario) -> FleetSettings:
    """Of a fleet whose homes are alike; of the first cohort where they are not."""
    return settings_of(scenario, scenario.fleet.parts[0][0])


def settings_of(scenario: Scenario, homes: Homes) -> FleetSettings:
    usual_gap = FleetSettings().gap_ms
    spread = int((homes.days or 0) * 86_400_000 / (homes.utterances_per_device + 1))
    return FleetSettings(
        seed=scenario.seed,
        households=scenario.fleet.size,
        utterances_per_device=homes.utterances_per_device,
        mix=homes.mix,
        snr_db=20.0 if isinstance(homes.snr_db, tuple) else homes.snr_db,
        snr_range=homes.snr_db if isinstance(homes.snr_db, tuple) else None,
        voices=homes.voices,
        talk_after=homes.talk_after,
        in_rooms=homes.in_rooms,
        talk_before=homes.talk_before,
        visits=homes.visits,
        ways=homes.ways,
        distress=homes.distress,
        ring_ms=homes.ring_ms,
        wakes=homes.wakes,
        outages=Outages(reboots=homes.reboots, offline=homes.offline),
        skew_ms=homes.skew_ms,
        television=homes.television,
        heard_by=homes.heard_by,
        gap_ms=max(usual_gap, spread),
    )


def heard(scenario: Scenario) -> Hearing:
    """What the automatic transcript gets wrong."""
    fleet = scenario.fleet
    return msgspec.structs.replace(
        USUAL,
        word_error_rate=fleet.word_error_rate,
        time_jitter_ms=fleet.time_jitter_ms,
        wake_like=fleet.wake_like,
    )


def _faults(scenario: Scenario, replay: Schedule | None, happenings: Sequence[Event]) -> Faults | None:
    if not scenario.faults and not happenings and replay is None:
        return None
    return Faults(
        seed=scenario.seed, faults=[line.fault for line in scenario.faults], events=happenings, replays=replay
    )


def forgotten(scenario: Scenario) -> frozenset[str]:
    """The households that the timeline forgets."""
    return frozenset(event.household for event in scenario.timeline if event.household is not None)


def _ledger(truth: Truth, stored: Sequence[Stored], total: int, seen: Observations, target: Running) -> Ledger:
    roles: dict[str, list[str]] = {}
    for response in seen.responses:
        if response.clip_ref:
            roles.setdefault(response.clip_ref, []).append(response.role)
    ledger = reconcile(truth, stored, roles, join_key=target.join_key)
    return msgspec.structs.replace(ledger, unexplained=ledger.unexplained + total - len(stored))


def _keep(folder: Path, identities: bytes, truth: Truth, plan: Plan) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / "identities.json", identities)
    write_private(folder / "truth.json", msgspec.json.encode(truth))
    write_private(
        scenes_beside(folder / "truth.json"), encode_scenes({u.utterance_id: u.scene for u in plan.utterances})
    )
