"""A target's broker and parts while they run. A command target is started; an attached one is only addressed."""

import sys
from pathlib import Path

import msgspec

from gateway.contract.model import Contract
from gateway.files import write_private
from gateway.identities import Identities
from scenarios.model.targets.target_file import Attached, Command, Own
from scenarios.model.targets.wire import BrokerAt, WyomingWire
from scenarios.own_system.lines import Door, door_at, door_of
from scenarios.own_system.parts import Parts
from scenarios.run.broker import start_broker
from scenarios.run.processes import Processes
from simulator.links.link import address

_USERS = ("gateway", "fleet", "assistant")


class System(msgspec.Struct, frozen=True, kw_only=True):
    """Where the fleet speaks (None if there is no broker), the parts that the harness started, and the broker's
    kind."""

    door: Door | None
    parts: Parts | None
    broker: str


def started_system(
    target: Own,
    beside: Path,
    processes: Processes,
    folder: Path,
    identities: Identities,
    contract: Contract,
) -> System:
    """Start the system. Raises ProcessDied if something did not start, and BadFile if a credential or a certificate is
    missing."""
    if not isinstance(target, Command):
        named = target.broker if isinstance(target, Attached) else None
        return System(door=door_at(named, beside) if named else None, parts=None, broker="the target's own")
    private = None
    if isinstance(target.wire, WyomingWire):
        door = None
    elif isinstance(target.broker, BrokerAt):
        door = door_at(target.broker, beside)
    else:
        private = start_broker(processes, folder, kind=target.broker, everything=_USERS)
        door = door_of(private)
    provisioned, rules = folder / "identities.json", folder / "contract.yaml"
    write_private(provisioned, identities.without_secrets().to_json())
    write_private(rules, contract.model_dump_json(by_alias=True).encode())
    host, port = address(door.url)[:2] if door else ("", 0)
    places = {
        "host": host,
        "port": str(port),
        "identities": str(provisioned),
        "contract": str(rules),
        "python": sys.executable,
    }
    parts = Parts(target, processes, beside, places)
    parts.start(private)
    return System(door=door, parts=parts, broker=private.kind if private else "the target's own")
