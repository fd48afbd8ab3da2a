"""Lets the fleet speak to somebody's own system: only what its wire can carry, at a pace it can follow."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from gateway.identities import Identities, load_identities
from gateway.wire import Topics
from scenarios.model.scenario import Scenario
from scenarios.model.targets.target_file import Own
from scenarios.own_system.lines import Lines
from scenarios.run.happen import fault_of, hostile_of
from scenarios.run.progress import Step
from scenarios.run.world import heard, only_these, settings_of, world_of
from simulator.device.clock import Clock
from simulator.device.fleet import Plan, plan_fleet, run_fleet
from simulator.device.hostile import HOSTILE, Site
from simulator.device.workers import merge
from simulator.links.fault_kinds import Event, Schedule
from simulator.links.faults import Faults
from simulator.plan.planned import SEND_ONCE
from simulator.plan.slices import slices
from simulator.world.truth import Truth


class Driven(msgspec.Struct, frozen=True, kw_only=True):
    """What the fleet said, and the faults that were put in on purpose."""

    truth: Truth
    schedule: Schedule | None


def world_for(scenario: Scenario, target: Own, beside: Path) -> tuple[Identities, Plan]:
    """The households of the scenario, or those that the system knows already.

    Raises:
        BadFile: there is no such file of households, or `fleet.only` names what nobody says.
    """
    if target.identities is None:
        return world_of(scenario)
    known = load_identities(beside / target.identities)
    plan = plan_fleet(settings_of(scenario, scenario.fleet.parts[0][0]), known)
    return known, only_these(plan, scenario.fleet.only)


def told_by(plan: Plan, carried: frozenset[str], *, receipts: bool) -> tuple[Plan, str | None]:
    """(the plan without what the wire cannot carry, a list of what was left out). Without receipts devices send
    once."""
    silent = {kind for kind in ("muted", "button") if kind not in carried}
    devices = tuple(
        msgspec.structs.replace(device, utterances=tuple(u for u in device.utterances if u.kind not in silent))
        for device in plan.devices
    )
    sent = msgspec.structs.replace(plan, devices=tuple(device for device in devices if device.utterances))
    if not receipts:
        sent = msgspec.structs.replace(sent, settings=msgspec.structs.replace(sent.settings, habits=SEND_ONCE))
    lost = len(plan.utterances) - len(sent.utterances)
    what = {"muted": "microphone switch", "button": "button"}
    note = f"{lost} utterances were not sent: this wire tells of no {' and no '.join(what[k] for k in sorted(silent))}"
    return sent, note if lost else None


def drive(
    scenario: Scenario,
    plan: Plan,
    identities: Identities,
    target: Own,
    links: Lines,
    step: Step,
    replay: Schedule | None,
    happenings: Sequence[Event],
) -> Driven:
    """Run the fleet to its end.

    Raises:
        LinkError: the broker, the service or a codec fails. ProcessDied: a part of the system has ended.
    """
    faults = None
    if scenario.faults or happenings or replay is not None:
        faults = Faults(
            seed=scenario.seed,
            faults=[fault_of(line, scenario.fleet, identities) for line in scenario.faults],
            events=happenings,
            replays=replay,
        )
    paces: tuple[float | None, ...] = scenario.wire.paces
    if not target.receipts:  # nobody says when the system has caught up
        paces = tuple(target.pace if each is None else each for each in paces)
    truth = merge(
        [
            run_fleet(
                part,
                link=links.devices,
                transcripts=links.assistant,
                topic_root=links.root,
                hearing=heard(scenario),
                clock=Clock(factor=pace, limit_ms=scenario.wire.max_lag_ms),
                faults=faults,
                on_progress=step,
            )
            for part, pace in zip(slices(plan, len(paces)), paces, strict=True)
        ]
    )
    return Driven(truth=truth, schedule=faults.schedule if faults else None)


def hostile_devices(scenario: Scenario, links: Lines) -> dict[str, int]:
    """Let devices that no household has send hostile messages. Returns the messages sent, by kind. On a wire that is
    not Earlid's own most of them are not sent."""
    sent: dict[str, int] = {}
    for at, kind in enumerate(hostile_of(scenario.fleet)):
        site = Site(topics=Topics(links.root), site_id=f"nobody{at}", seed=scenario.seed + at, loud=3_000.0)
        messages = list(HOSTILE[kind](site))
        for topic, payload in messages:
            links.devices.send(topic, payload)
        sent[kind] = len(messages)
    links.devices.drain()
    return sent
