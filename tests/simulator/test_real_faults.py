"""Faults done to real things: a Mosquitto restarted, a gateway process killed, a device's session taken over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from gateway.identities import Identities
from scenarios.model.ledger import join_tag
from scenarios.run.broker import find_mosquitto
from scenarios.run.processes import Processes
from scenarios.run.target import stored_clips, stored_count
from simulator.device.fleet import FleetSettings, Mix, Plan, plan_fleet, run_fleet
from simulator.links.fault_kinds import Event
from simulator.links.faults import Faults
from simulator.links.link import Link, MqttLink
from simulator.links.swarm import Account, SwarmLink
from simulator.world.households import make_identities
from simulator.world.truth import Truth
from tests.end_to_end.gateways import JOIN_KEY, System, rules

# Requests alone, under a contract that takes the device's word: each must be stored exactly once.
SETTINGS = FleetSettings(
    mix=Mix(wake=0.7, button=0.3, false_wake=0, noise=0, muted=0), utterances_per_device=2, gap_ms=20_000, talk_after=0
)
GATE = {"admit": ["device_claim", "button"], "refractory_ms": 0, "consent": "ignored"}


@pytest.fixture(scope="module")
def homes() -> Identities:
    return make_identities(seed=5, households=3)


@pytest.fixture(scope="module")
def plan(homes: Identities) -> Plan:
    return plan_fleet(SETTINGS, homes)


@pytest.fixture
def system(tmp_path: Path, broker: str, plan: Plan) -> Iterator[System]:
    """A private broker with a user for each device, a vault, a gateway (skips as `broker` does)."""
    assert broker
    contract = rules("amazon-2019-before", gate=GATE, redact={"transcript": {"deadline_ms": 0}})
    sites = [device.site_id for device in plan.devices]
    with Processes(tmp_path / "logs") as processes:
        made = System(
            processes, tmp_path, contract=contract, homes=dict.fromkeys(sites, True), devices=dict.fromkeys(sites, "")
        )
        made.start_gateway()
        yield made


def _in_mid_utterance(plan: Plan, name: str, act: Callable[[], None], *, nth: int) -> Event:
    at_ms = sorted(said.at_ms for said in plan.utterances)[nth] - plan.settings.began_ms
    return Event(name=name, at_ms=at_ms + 700, act=act)


def _run(system: System, plan: Plan, link: Link, events: list[Event]) -> Truth:
    talk = system.link("assistant", listens=False)
    try:
        return run_fleet(plan, link=link, transcripts=talk, faults=Faults(seed=1, events=events))
    finally:
        link.close()
        talk.close()


def _is_stored_once(system: System, plan: Plan, truth: Truth) -> None:
    wanted = sorted(join_tag(JOIN_KEY, said.session_id) for said in plan.utterances)

    assert {delivery.outcome for delivery in truth.deliveries} == {"kept"}
    assert sorted(clip.tag for clip in stored_clips(system.store())) == wanted
    assert stored_count(system.store()) == len(wanted)


def _swarm(system: System, plan: Plan) -> SwarmLink:
    host, port = system.broker.url.removeprefix("mqtt://").split(":")
    sites = [device.site_id for device in plan.devices]
    accounts = {site: Account(site_id=site, username=site, password=system.broker.passwords[site]) for site in sites}
    return SwarmLink(host, int(port), accounts, control=system.link("fleet"), timeout_s=40)


def _restart(system: System) -> None:
    system.processes.stop("broker")
    system.processes.start("broker", [find_mosquitto() or "", "-c", str(system.folder / "broker.conf")])


@pytest.mark.slow
@pytest.mark.parametrize("own", [False, True], ids=["one connection", "own connections"])
def test_a_broker_that_is_restarted_in_mid_utterance(system: System, plan: Plan, own: bool) -> None:
    link: SwarmLink | MqttLink = _swarm(system, plan) if own else system.link("fleet")
    event = _in_mid_utterance(plan, "broker restart", lambda: _restart(system), nth=2)

    truth = _run(system, plan, link, [event])

    _is_stored_once(system, plan, truth)
    assert not own or isinstance(link, MqttLink) or link.losses >= len(plan.devices)


@pytest.mark.slow
def test_a_gateway_that_is_killed_in_mid_utterance(system: System, plan: Plan) -> None:
    event = _in_mid_utterance(plan, "gateway kill", system.kill_gateway, nth=2)
    faults = [event, msgspec.structs.replace(event, at_ms=event.at_ms + 30_000)]

    truth = _run(system, plan, system.link("fleet"), faults)

    _is_stored_once(system, plan, truth)
    assert system.kills == 2
    assert max(delivery.attempts for delivery in truth.deliveries) > 1, "what it had heard so far is sent again"


@pytest.mark.slow
def test_a_session_taken_over_in_mid_utterance(system: System, plan: Plan) -> None:
    link, first = _swarm(system, plan), min(plan.utterances, key=lambda said: said.at_ms)
    event = _in_mid_utterance(plan, "session takeover", lambda: link.take_over(first.site_id), nth=0)

    truth = _run(system, plan, link, [event])

    _is_stored_once(system, plan, truth)
    assert link.losses == 1
