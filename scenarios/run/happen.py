"""Turns a scenario's timeline into actions on the fleet and the target: events, faults of links, hostile devices."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile, write_private
from gateway.identities import Identities
from scenarios.model.fleet import Fleet, Homes, homes_named
from scenarios.model.scenario import Misfortune, Scenario
from scenarios.model.timeline import Happening
from scenarios.run.broker import await_broker
from scenarios.run.processes import ProcessDied, Processes, finished
from scenarios.run.target import Running, seal_again
from simulator.links.absence import Absence
from simulator.links.fault_kinds import Event, Fault, Schedule
from simulator.links.faults import Faults
from simulator.links.tcp_proxy import Line, set_line

_AWAY = ("gateway_stop", "gateway_pause", "broker_stop", "broker_pause")
_SETTLED = ("consent_withdrawn", "contract_changed")


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that events act on. `contracts` are the contracts of the timeline, by the event's place in it."""

    target: Running
    processes: Processes
    folder: Path
    identities: Identities
    fleet: Fleet
    contracts: Mapping[int, Contract]


def events(timeline: Sequence[Happening], stage: Stage) -> list[Event]:
    """The events in simulated time. Each action returns when the target is in the state that the event describes.

    Raises:
        BadFile: an event needs a private broker, and this run has none.
    """
    found: list[Event] = []
    for at, event in enumerate(timeline):
        if not event.is_while_speaking:
            continue
        if event.do.startswith("broker_") and stage.target.broker.kind == "external":
            raise BadFile(f"timeline[{at}]: {event.do}: this broker is not the run's own; it stays up")
        begin, end = _acts(at, event, stage)
        found.append(Event(name=event.name, at_ms=event.at, act=begin, settled=event.do in _SETTLED))
        if end is not None and event.until is not None:
            found.append(Event(name=f"{event.name} ends", at_ms=event.until, act=end))
    return found


def absences(timeline: Sequence[Happening]) -> list[Absence]:
    """The times at which nobody answers. A stopped broker loses what is sent; a paused one does not."""
    return [
        Absence(from_ms=event.at, until_ms=event.until, loses=event.do == "broker_stop")
        for event in timeline
        if event.do in _AWAY and event.until is not None
    ]


def faults_for(scenario: Scenario, replay: Schedule | None, stage: Stage) -> Faults | None:
    """All faults and events of the scenario. None if it has none."""
    happenings = events(scenario.timeline, stage)
    if not scenario.faults and not happenings and replay is None:
        return None
    return Faults(
        seed=scenario.seed,
        faults=[fault_of(line, scenario.fleet, stage.identities) for line in scenario.faults],
        events=happenings,
        replays=replay,
        absences=absences(scenario.timeline),
    )


def fault_of(line: Misfortune, fleet: Fleet, identities: Identities) -> Fault:
    """A fault in the form that a link takes: devices by label, times in milliseconds."""
    devices = None
    if line.household is not None or line.cohort is not None:
        homes = homes_named(fleet, line.household, line.cohort)
        every = [home for home in identities.households if home.household_id in homes]
        devices = tuple(f"{h.household_id}-D{n}" for h in every for n in range(1, len(h.devices) + 1))
    return Fault(
        kind=line.kind,
        share=line.share,
        of=line.of,
        amount=line.amount,
        devices=devices,
        from_ms=line.since,
        until_ms=line.until,
    )


def hostile_of(fleet: Fleet) -> list[str]:
    """One hostile device of each kind for the fleet, and for each home of a cohort that has them."""
    return [*fleet.hostile, *(kind for cohort, places in _cohorts(fleet) for kind in cohort.hostile for _ in places)]


def _cohorts(fleet: Fleet) -> tuple[tuple[Homes, range], ...]:
    return fleet.parts if fleet.cohorts else ()


Act = Callable[[], None]


def _acts(at: int, event: Happening, stage: Stage) -> tuple[Act, Act | None]:
    """The two actions of an event: (what happens at its time, what happens when it is over)."""
    part, _, what = event.do.partition("_")
    processes = stage.processes
    match what:
        case "restart":
            return (lambda: _again(part, stage)), None
        case "kill":
            return (lambda: processes.again(part, kill=True)), None
        case "stop":
            return (lambda: processes.stop(part)), (lambda: _again(part, stage))
        case "pause":
            return (lambda: processes.pause(part)), (lambda: processes.resume(part))
        case "full":
            return (lambda: processes.limit_files("gateway", 0)), (lambda: processes.limit_files("gateway", None))
    match event.do:
        case "link":
            control = stage.target.lines[event.side]
            return (lambda: set_line(control, _line(event))), (lambda: set_line(control, Line()))
        case "household_forgotten":
            home = next(home for home in stage.identities.households if home.household_id == event.household)
            return (lambda: _forget(home.devices[0].site_id, stage)), None
        case "consent_withdrawn":
            return (lambda: _withdraw(event, stage)), None
        case "contract_changed":
            return (lambda: _change(stage.contracts[at], stage)), None
        case _:  # befalls devices, and is in the plan already
            return (lambda: None), None


def _again(part: str, stage: Stage) -> None:
    stage.processes.again(part)
    if part == "broker":
        await_broker(stage.processes, stage.target.broker)


def _line(event: Happening) -> Line:
    return Line(
        latency_ms=event.latency_ms or 0,
        jitter_ms=event.jitter_ms or 0,
        loss=event.loss or 0.0,
        bandwidth=event.bandwidth,
    )


def _forget(site: str, stage: Stage) -> None:
    """Forget households with the gateway's own command and its own token."""
    folder = stage.folder
    options: list[object] = ["--store", stage.target.store_url, "--vault", folder / "vault.sock"]
    options += ["--vault-token", folder / "gateway.token", "--contract", folder / "contract.yaml"]
    command = [sys.executable, "-m", "gateway", "custody", "forget", site, *map(str, options)]
    done = finished(command)
    if done.returncode:
        raise ProcessDied(f"custody forget: {done.stderr.decode(errors='replace').strip()[-200:]}")


def _withdraw(event: Happening, stage: Stage) -> None:
    """Give the vault the identities file in which these households do not consent. Earlier withdrawals stay."""
    seal_again(stage.folder, stage.identities, refusing=_refusing(event, stage))
    stage.processes.again("vault")


def _refusing(event: Happening, stage: Stage) -> frozenset[str]:
    note = stage.folder / "withdrawn.json"
    before: list[str] = msgspec.json.decode(note.read_bytes()) if note.exists() else []
    homes = homes_named(stage.fleet, event.household, event.cohort) | set(before)
    write_private(note, msgspec.json.encode(sorted(homes)))
    return frozenset(homes)


def _change(contract: Contract, stage: Stage) -> None:
    """Restart every part with the new contract. The gateway's keys and the stored clips stay."""
    write_private(stage.folder / "contract.yaml", contract.model_dump_json(by_alias=True).encode())
    for part in ("vault", "gateway", "review"):
        stage.processes.again(part)
