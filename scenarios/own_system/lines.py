"""The links of the fleet to somebody's own system, in the format of its wire."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.kept.read.credentials import value_of
from scenarios.model.targets.target_file import Own
from scenarios.model.targets.wire import (
    Account,
    AwsIotWire,
    BrokerAt,
    CodecWire,
    HermesOnlyWire,
    HermesWire,
    PlainWire,
    Wire,
    WyomingWire,
)
from scenarios.own_system.device_accounts import ByDevice, accounts_for, device_accounts
from scenarios.run.broker import Broker
from scenarios.run.processes import Processes
from simulator.links.link import Link, MqttLink, address
from simulator.links.swarm import Account as SwarmAccount
from simulator.links.swarm import SwarmLink
from simulator.wires.codec import EVERYTHING, Codec
from simulator.wires.hermes_only import HermesOnly
from simulator.wires.own_codec import own_codec
from simulator.wires.plain import AwsIot, Plain, Shape
from simulator.wires.translated import Calls, TranslatedLink
from simulator.wires.wyoming import TcpLink, Wyoming


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """The links of the devices and of the assistant, and the prefix before Earlid's own topics."""

    devices: Link
    assistant: Link
    root: str = ""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """The address of a broker, and the (user, password) of the fleet, of the assistant and of each device by site. With
    `devices` each of them has its own connection."""

    url: str
    ca: Path | None
    fleet: tuple[str | None, str | None]
    assistant: tuple[str | None, str | None]
    devices: Mapping[str, tuple[str, str]] | None = None


def codec_of(wire: Wire, beside: Path) -> Codec | None:
    """The codec of a wire. None for Earlid's own wire. Raises BadFile if a user's codec is missing."""
    match wire:
        case HermesWire():
            return None
        case HermesOnlyWire():
            return HermesOnly(wire.root, wire.wake_word)
        case PlainWire():
            return Plain(msgspec.convert(wire.model_dump(exclude={"kind"}), Shape))
        case AwsIotWire():
            return AwsIot(wire.application)
        case WyomingWire():
            return Wyoming(wire.ask)
        case CodecWire():
            return own_codec(wire.codec, beside)


def carries(codec: Codec | None) -> frozenset[str]:
    return EVERYTHING if codec is None else codec.carries


def door_at(target: BrokerAt, beside: Path) -> Door:
    """The address and accounts of the target's broker. Raises BadFile if a credential or the certificate is missing."""
    ca = beside / target.ca if target.ca else None
    if ca is not None and not ca.is_file():
        raise BadFile(f"target: broker.ca: {ca} is no file")
    fleet = _who(target.fleet, beside)
    return Door(
        url=target.url,
        ca=ca,
        fleet=fleet,
        assistant=_who(target.assistant, beside) if target.assistant else fleet,
        devices=device_accounts(beside / target.devices) if target.devices else None,
    )


def door_of(broker: Broker) -> Door:
    """The address and accounts of a private broker."""
    fleet, assistant = ((role, broker.passwords[role]) for role in ("fleet", "assistant"))
    return Door(url=broker.url, ca=broker.ca, fleet=fleet, assistant=assistant)


@contextmanager
def lines(
    target: Own, codec: Codec | None, door: Door | None, processes: Processes, sites: Sequence[str]
) -> Iterator[Lines]:
    """Open the links, and close them at the end. `sites` are the devices that will speak.

    Raises:
        LinkError: no broker or service answers, or it refuses. BadFile: the target names no broker.
    """
    with ExitStack() as stack:
        if isinstance(target.wire, WyomingWire):
            tcp = TcpLink(target.wire.address)
            stack.callback(tcp.close)
            devices: Link = tcp
            assistant: Link = tcp
        elif door is None:
            raise BadFile("target: broker: url: mqtt://host:port is wanted, for the fleet to speak to")
        else:
            root = target.wire.root if isinstance(target.wire, HermesWire) else ""
            assistant = _mqtt(stack, door, door.assistant, processes, listens=False, root=root)
            if door.devices is not None:
                yield _apart(stack, door, codec, assistant, processes, sites, listens=target.receipts, root=root)
                return
            devices = _mqtt(stack, door, door.fleet, processes, listens=target.receipts, root=root)
        if codec is not None:
            calls = Calls()
            # The transcript goes into the call, over whichever link the call ends.
            yield Lines(
                devices=TranslatedLink(devices, codec, calls), assistant=TranslatedLink(assistant, codec, calls)
            )
        else:
            yield Lines(
                devices=devices,
                assistant=assistant,
                root=target.wire.root if isinstance(target.wire, HermesWire) else "",
            )


def _apart(
    stack: ExitStack,
    door: Door,
    codec: Codec | None,
    assistant: Link,
    processes: Processes,
    sites: Sequence[str],
    *,
    listens: bool,
    root: str,
) -> Lines:
    """Each device over its own connection, with its own account."""
    accounts, calls = accounts_for(door.devices or {}, sites), Calls()

    def made(site: str) -> Link:
        link = _mqtt(stack, door, accounts[site], processes, listens=False, root=root)
        return link if codec is None else TranslatedLink(link, codec, calls)

    if listens:  # receipts are read, and the watermark is asked for, by the fleet's account
        control = _mqtt(stack, door, door.fleet, processes, listens=True, root=root)
        host, port, _ = address(door.url)
        named = {
            site: SwarmAccount(site_id=site, username=user, password=said) for site, (user, said) in accounts.items()
        }
        swarm = SwarmLink(host, port, named, control=control, tls=_trust(door), topic_root=root)
        stack.callback(swarm.close)
        return Lines(devices=swarm, assistant=assistant, root=root)
    devices = ByDevice(sites, made, root)
    return Lines(
        devices=devices,
        assistant=assistant if codec is None else TranslatedLink(assistant, codec, calls),
        root=root,
    )


def _trust(door: Door) -> ssl.SSLContext | None:
    if not door.url.startswith("mqtts"):
        return None
    return ssl.create_default_context(cafile=str(door.ca) if door.ca else None)


def _mqtt(
    stack: ExitStack, door: Door, who: tuple[str | None, str | None], processes: Processes, *, listens: bool, root: str
) -> MqttLink:
    user, password = who
    link = MqttLink(
        door.url,
        username=user,
        password=password,
        topic_root=root,
        listens=listens,
        while_waiting=processes.check,
        tls=None if door.ca is None else ssl.create_default_context(cafile=str(door.ca)),
    )
    stack.callback(link.close)
    return link


def _who(account: Account | None, beside: Path) -> tuple[str | None, str | None]:
    return (None, None) if account is None else (account.user, value_of(account.password, beside))
