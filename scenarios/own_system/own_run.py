"""Runs one scenario against somebody's own system: start or attach, drive, settle, read back, judge."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.kept.asked import Asked
from scenarios.kept.judged import detector_of, judged
from scenarios.model.suite_files import Prepared
from scenarios.model.targets.target_file import Attached, Command, Own
from scenarios.model.targets.wire import BrokerAt, HermesWire
from scenarios.own_system.drive import Driven, drive, hostile_devices, told_by, world_for
from scenarios.own_system.events import events
from scenarios.own_system.lines import carries, codec_of, lines
from scenarios.own_system.looking import Around, Seen, looked_at
from scenarios.own_system.settle import kept_already
from scenarios.own_system.started import started_system
from scenarios.report.made import made
from scenarios.run.happen import hostile_of
from scenarios.run.observe import recording
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, Run, again, keep_answer_key
from simulator.device.fleet import Plan
from simulator.links.link import LinkError

_MOST_PACE = 100.0  # simulated seconds a second that an attached system is spoken to without may: [load]


class OwnTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A target file that was read, and the folder it lies in."""

    target: Own
    beside: Path


def run_own(prepared: Prepared, own: OwnTarget, *, out: Path, options: Options, narrator: Narrator) -> Run:
    """Run a scenario against the target. `expect` is ignored, because it describes the built-in system.

    Raises:
        BadFile: the scenario asks for what this target cannot do or does not allow, or a credential is missing.
        ProcessDied: a part of the system has ended, or does not answer.
    """
    target, beside = own.target, own.beside
    prepared = msgspec.structs.replace(prepared, scenario=prepared.scenario.model_copy(update={"expect": None}))
    started, codec = datetime.now(UTC), codec_of(target.wire, beside)
    _allowed(prepared, target)
    for folder_wanted in (out, options.keep_truth):
        if folder_wanted is not None:
            folder_wanted.mkdir(parents=True, exist_ok=True)
    with narrator.phase("households and what they will say"):
        identities, whole = world_for(prepared.scenario, target, beside)
        plan, unsent = told_by(whole, carries(codec), receipts=target.receipts)
        detector = detector_of(identities)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earlid-")))
        processes = stack.enter_context(Processes(out / "logs"))
        with narrator.phase("the system under test"):
            system = started_system(target, beside, processes, folder, identities, prepared.contract)
            happenings = events(prepared.scenario, target, system.parts, identities, beside)
            already = kept_already(target, beside)
        with (
            _answering(processes),
            narrator.phase("fleet speaks") as step,
            lines(target, codec, system.door, processes, [each.site_id for each in plan.devices]) as links,
        ):
            driven = drive(prepared.scenario, plan, identities, target, links, step, options.replay, happenings)
            hostile = hostile_devices(prepared.scenario, links)
            processes.check()
        if options.keep_truth is not None:
            keep_answer_key(options.keep_truth, identities.to_json(), driven.truth, plan)
        seen = looked_at(
            Around(
                prepared=prepared,
                target=target,
                beside=beside,
                system=system,
                processes=processes,
                folder=folder,
                identities=identities,
                detector=detector,
                narrator=narrator,
                already=already,
            )
        )
    with narrator.phase("kept clips joined, searched and judged"):
        asked = _asked(prepared, own, identities, plan, driven, seen, out, unsent)
        head = made(
            started=started,
            target=f"{target.name}, {target.kind}",
            operator=options.operator,
            command=shlex.join(again(prepared, options.command)),
        )
        result = judged(asked, seen.read, detector, head)
    result = msgspec.structs.replace(
        result, timing=dict(narrator.timing), broker=system.broker, schedule=driven.schedule, hostile=hostile
    )
    return Run(result=result, detector=detector)


@contextmanager
def _answering(processes: Processes) -> Iterator[None]:
    """Make the run unknown if the system does not answer, because that is no wrong input. A part that has ended
    explains it."""
    try:
        yield
    except LinkError as error:
        processes.check()
        raise ProcessDied(str(error)) from None


def _allowed(prepared: Prepared, target: Own) -> None:
    """Refuse to flood an attached system unless its file allows it."""
    scenario = prepared.scenario
    if hostile_of(scenario.fleet) and not isinstance(target.wire, HermesWire):
        raise BadFile(f"{prepared.file}: fleet.hostile: such devices speak wire hermes, not {target.wire.kind}")
    named = target.broker if isinstance(target, Attached | Command) else None
    if hostile_of(scenario.fleet) and isinstance(named, BrokerAt) and named.devices is not None:
        raise BadFile(f"{prepared.file}: fleet.hostile: such devices have no account in broker.devices")
    if not isinstance(target, Attached) or "load" in target.may:
        return
    if hostile_of(scenario.fleet):
        raise BadFile(f"{prepared.file}: fleet.hostile: the target does not allow it; may: [load] does")
    pace = target.pace if scenario.wire.pace is None else max(each or 0.0 for each in scenario.wire.paces)
    if pace > _MOST_PACE:
        raise BadFile(
            f"{prepared.file}: a pace of {pace:g} is above {_MOST_PACE:g}, which an attached target does not allow; "
            "may: [load] does"
        )


def _asked(
    prepared: Prepared,
    own: OwnTarget,
    identities: Identities,
    plan: Plan,
    driven: Driven,
    seen: Seen,
    out: Path,
    unsent: str | None,
) -> Asked:
    said = {each.utterance_id for each in driven.truth.utterances}
    return Asked(
        target=own.target,
        contract=prepared.contract,
        identities=identities,
        truth=driven.truth,
        sent={each.utterance_id: recording(each.scene) for each in plan.utterances if each.utterance_id in said},
        gating=prepared.scenario.gating,
        out=out,
        looked=seen.looked,
        entry=seen.entry,
        visited=seen.visited,
        scenario=prepared.scenario,
        at_rest=seen.at_rest,
        places=seen.places,
        beside=own.beside,
        doubts=seen.doubts,
        notes=tuple(each for each in (unsent, _older(seen.older)) if each),
        older=seen.older,
        began_ms=plan.settings.began_ms,
        aged=seen.aged,
        unaged=seen.unaged,
    )


def _older(clips: int) -> str | None:
    """What a report says of clips that an earlier run left."""
    return f"{clips} clips were kept before the fleet spoke, and are not judged" if clips else None
