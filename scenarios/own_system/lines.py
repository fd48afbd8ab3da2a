"""The links of the fleet to somebody's own system, in the format of its wire."""

import ssl
from collections.abc import Iterator
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
from scenarios.run.broker import Broker
from scenarios.run.processes import Processes
from simulator.links.link import Link, MqttLink
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
    """The address of a broker, and the (user, password) of the fleet and of the assistant."""

    url: str
    ca: Path | None
    fleet: tuple[str | None, str | None]
    assistant: tuple[str | None, str | None]


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
        url=target.url, ca=ca, fleet=fleet, assistant=_who(target.assistant, beside) if target.assistant else fleet
    )


def door_of(broker: Broker) -> Door:
    """The address and accounts of a private broker."""
    fleet, assistant = ((role, broker.passwords[role]) for role in ("fleet", "assistant"))
    return Door(url=broker.url, ca=broker.ca, fleet=fleet, assistant=assistant)


@contextmanager
def lines(target: Own, codec: Codec | None, door: Door | None, processes: Processes) -> Iterator[Lines]:
    """Open the links, and close them at the end.

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
            devices = _mqtt(stack, door, door.fleet, processes, listens=target.receipts, root=root)
            assistant = _mqtt(stack, door, door.assistant, processes, listens=False, root=root)
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
