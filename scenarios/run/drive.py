"""Lets the fleet send its messages to the target's broker. Devices and the assistant each have their own user."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from gateway.wire import Topics
from scenarios.model.scenario import Connections
from scenarios.run.processes import Processes
from scenarios.run.progress import Step
from scenarios.run.target import Running
from simulator.device.assistant import Hearing
from simulator.device.clock import Clock
from simulator.device.fleet import Plan, run_fleet
from simulator.device.hostile import HOSTILE, Site
from simulator.links.faults import Faults
from simulator.links.link import Link, LinkError, MqttLink, address
from simulator.links.swarm import Account, SwarmLink
from simulator.world.truth import Truth


def drive(
    plan: Plan,
    target: Running,
    processes: Processes,
    step: Step,
    *,
    connections: Connections = "shared",
    hearing: Hearing | None = None,
    clock: Clock | None = None,
    faults: Faults | None = None,
) -> Truth:
    """Run the fleet to its end. With `own` connections every device has its own connection, user and last will.

    Raises:
        ProcessDied: a part of the target has ended. This is also noticed while the fleet waits for it.
        LinkError: the broker or the gateway runs but does not answer.
    """
    try:
        with ExitStack() as lines:
            control = lines.enter_context(_link(target, "fleet", processes))
            assistant = lines.enter_context(_link(target, "assistant", processes))
            devices: Link = control
            if connections == "own":
                devices = _swarm(plan, target, control)
                lines.callback(devices.close)
            truth = run_fleet(
                plan,
                link=devices,
                transcripts=assistant,
                hearing=hearing,
                clock=clock,
                faults=faults,
                on_progress=step,
            )
    except LinkError:
        processes.check()  # a dead part explains a broken link
        raise
    processes.check()
    return truth


def misbehave(kinds: Sequence[str], target: Running, processes: Processes, *, seed: int) -> dict[str, int]:
    """Let devices that no household has send what each hostile kind sends. Returns the messages sent, by kind.

    When it returns, the gateway has handled all of them.

    Raises:
        ProcessDied, LinkError: as `drive`.
    """
    sent: dict[str, int] = {}
    if not kinds:
        return sent
    try:
        with _link(target, "fleet", processes) as link:
            for at, kind in enumerate(kinds):
                site = Site(topics=Topics(""), site_id=f"nobody{at}", seed=seed + at, loud=3_000.0)
                messages = list(HOSTILE[kind](site))
                for topic, payload in messages:
                    link.send(topic, payload)
                sent[kind] = sent.get(kind, 0) + len(messages)
            link.drain()
    except LinkError:
        processes.check()
        raise
    processes.check()
    return sent


@contextmanager
def _link(target: Running, role: str, processes: Processes) -> Iterator[MqttLink]:
    passwords = target.devices_broker.passwords
    link = MqttLink(
        target.devices_broker.url,
        username=role if role in passwords else None,
        password=passwords.get(role),
        listens=role == "fleet",
        while_waiting=processes.check,
        tls=_trust(target),
    )
    try:
        yield link
    finally:
        link.close()


def _swarm(plan: Plan, target: Running, control: Link) -> SwarmLink:
    host, port, secure = address(target.devices_broker.url)
    passwords = target.devices_broker.passwords
    accounts = {
        site: Account(site_id=site, username=site if site in passwords else None, password=passwords.get(site))
        for site in (device.site_id for device in plan.devices)
    }
    trust = (_trust(target) or ssl.create_default_context()) if secure else None
    return SwarmLink(host, port, accounts, control=control, tls=trust)


def _trust(target: Running) -> ssl.SSLContext | None:
    """The certificate to trust: the private broker's own, or the one named for somebody else's broker. None means the
    system's."""
    return None if target.broker.ca is None else ssl.create_default_context(cafile=str(target.broker.ca))
