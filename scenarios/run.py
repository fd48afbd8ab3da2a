"""One scenario, from file to verdict: start, drive, wait until settled, observe, check."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gateway.contract import load_contract
from scenarios.checks.judge import Case, judge
from scenarios.leaks.detector import LeakDetector
from scenarios.ledger import Ledger, Stored, reconcile
from scenarios.observations import Observations
from scenarios.observe import make_detector, observe
from scenarios.processes import Processes
from scenarios.progress import Narrator, Step
from scenarios.result import RunResult
from scenarios.scenario import Scenario
from scenarios.target import Running, load_target, private, start_builtin, stored_clips, stored_count
from simulator.assistant import Hearing
from simulator.fleet import FleetSettings, Plan, plan_fleet, run_fleet
from simulator.households import make_identities
from simulator.link import LinkError, MqttLink
from simulator.truth import Truth

# What the built-in target offers; a user's own may offer less, and checks that need more are then unknown.
CAPABILITIES = frozenset({"join:exact", "truth:audio", "at_rest"})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line decides. `keep_truth` names a folder that gets the answer key; `port` 0 is any."""

    broker: str | None = None
    target: Path | None = None
    port: int = 0
    keep_truth: Path | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A result, and the detector that knows whom its reports may not name."""

    result: RunResult
    detector: LeakDetector


def run_scenario(scenario: Scenario, *, out: Path, options: Options, narrator: Narrator) -> Run:
    """Run against the built-in target: processes of its own, and a private folder that is removed afterwards.

    Raises:
        ProcessDied, LinkError: a part of the run is gone. BadFile: the contract does not read.
    """
    contract = load_contract(scenario.contract)
    with narrator.phase("households and what they will say"):
        identities = make_identities(seed=scenario.seed, households=scenario.fleet.households)
        plan = plan_fleet(fleet_settings(scenario), identities)
    with tempfile.TemporaryDirectory(prefix="earlid-") as private_folder, Processes(out / "logs") as processes:
        folder = Path(private_folder)
        with narrator.phase("broker, vault, gateway, review tool"):
            target = start_builtin(
                processes,
                folder,
                identities=identities,
                contract=scenario.contract,
                reviewers=scenario.load.reviewers,
                broker=options.broker or load_target(options.target).broker,
                port=options.port,
            )
        with narrator.phase("fleet speaks, gateway listens") as step:
            fleet = scenario.fleet
            hearing = Hearing(word_error_rate=fleet.word_error_rate, wake_like=fleet.wake_like)
            truth = drive(plan, target, processes, step, hearing=hearing)
        if options.keep_truth is not None:
            _keep(options.keep_truth, identities.to_json(), truth)
        stored, total = stored_clips(target.store_url), stored_count(target.store_url)
        detector = make_detector(identities, stored)
        seen = observe(
            scenario,
            target,
            processes,
            folder,
            identities=identities,
            detector=detector,
            plan=plan,
            stored=stored,
            narrator=narrator,
        )
    ledger = _ledger(truth, stored, total, seen, target)
    case = Case(scenario=scenario, contract=contract, ledger=ledger, seen=seen, capabilities=CAPABILITIES)
    with narrator.phase("checks"):
        verdicts = judge(case, scenario.checks)
    result = RunResult(
        scenario=scenario,
        contract=contract,
        verdicts=verdicts,
        ledger=ledger,
        seen=seen,
        timing=dict(narrator.timing),
        households=len(identities.households),
        broker=target.broker.kind,
        out=out,
    )
    return Run(result=result, detector=detector)


def fleet_settings(scenario: Scenario) -> FleetSettings:
    fleet = scenario.fleet
    return FleetSettings(
        seed=scenario.seed,
        households=fleet.households,
        utterances_per_device=fleet.utterances_per_device,
        snr_db=fleet.snr_db,
        voices=fleet.voices,
        talk_after=fleet.talk_after,
        in_rooms=fleet.in_rooms,
    )


def drive(plan: Plan, target: Running, processes: Processes, step: Step, *, hearing: Hearing | None = None) -> Truth:
    """Run the fleet against the target's broker: devices and the assistant each under their own name.

    Raises:
        ProcessDied: a part of the target is gone; noticed while waiting for it, too.
        LinkError: the broker or the gateway does not answer, though it is there.
    """
    try:
        with _link(target, "fleet", processes) as devices, _link(target, "assistant", processes) as assistant:
            truth = run_fleet(plan, link=devices, transcripts=assistant, hearing=hearing, on_progress=step)
    except LinkError:
        processes.check()  # a dead part explains a broken link
        raise
    processes.check()
    return truth


@contextmanager
def _link(target: Running, role: str, processes: Processes) -> Iterator[MqttLink]:
    passwords = target.broker.passwords
    link = MqttLink(
        target.broker.url,
        username=role if role in passwords else None,
        password=passwords.get(role),
        listens=role == "fleet",
        while_waiting=processes.check,
    )
    try:
        yield link
    finally:
        link.close()


def _ledger(truth: Truth, stored: Sequence[Stored], total: int, seen: Observations, target: Running) -> Ledger:
    roles: dict[str, list[str]] = {}
    for response in seen.responses:
        if response.clip_ref:
            roles.setdefault(response.clip_ref, []).append(response.role)
    ledger = reconcile(truth, stored, roles, join_key=target.join_key)
    return msgspec.structs.replace(ledger, unexplained=ledger.unexplained + total - len(stored))


def _keep(folder: Path, identities: bytes, truth: Truth) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    private(folder / "identities.json", identities)
    private(folder / "truth.json", msgspec.json.encode(truth))
