"""What the fleet says to the system: the broker, the topics, the payloads."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.fault_words import shown
from scenarios.model.targets.fields import DOTTED, BrokerUrl, JsonPath, Model, Secret
from scenarios.model.validated import Locate

Fact = Literal[
    "session", "site", "at_ms", "audio", "text", "words", "muted", "trigger", "serial", "latitude", "longitude",
    "number", "last", "lang",
]  # fmt: skip


def _topic(said: str) -> str:
    rest = said.replace("{site}", "").replace("{session}", "")
    if not said or any(char in rest for char in "{}+#\x00 "):
        raise ValueError(
            f"{shown(said)}: a topic is wanted; {{site}} and {{session}} may stand in it, wildcards may not"
        )
    return said


Topic = Annotated[str, AfterValidator(_topic), Field(description="{site} and {session} are filled in")]


class Account(Model):
    """Whom the broker knows. The password comes from the environment or a private file."""

    user: str
    password: Secret


class BrokerAt(Model):
    """The broker that the fleet speaks to. `ca` signs the certificate of an mqtts:// one; the transcripts of the
    simulated assistant come under `assistant`, else under the fleet's account."""

    url: BrokerUrl
    ca: str | None = Field(default=None, description="a certificate file beside the target file")
    fleet: Account | None = None
    devices: str | None = Field(
        default=None,
        description="accounts by site id, a JSON file of mode 0600 beside this one: each device its own connection",
    )
    assistant: Account | None = None


class HermesWire(Model):
    """Earlid's own door: Hermes audio, and what a device says under earlid/<siteId>/ (gateway/docs/mqtt-door.md)."""

    kind: Literal["hermes"]
    root: str = Field(default="", description="before every topic")


class HermesOnlyWire(Model):
    """Rhasspy's and Snips' Hermes, and nothing else: frames, wake word, start and stop of listening, transcripts."""

    kind: Literal["hermes-only"]
    root: str = ""
    wake_word: str = Field(default="default", pattern=r"^[^/+#\s]+$")


class PlainWire(Model):
    """A topic of your own and what stands in its payload: a WAV file, raw int16 mono, or JSON with `fields`.

    One message a `per: utterance`, or one a frame of 80 ms. `audio` is how JSON holds the sound, as base64.
    """

    kind: Literal["plain"]
    topic: Topic
    payload: Literal["json", "wav", "raw"] = "json"
    per: Literal["utterance", "frame"] = "utterance"
    audio: Literal["wav", "raw"] = "wav"
    fields: Mapping[Fact, JsonPath] = Field(default={}, description="what is sent, and where in the JSON it stands")
    start: Topic | None = Field(default=None, description="a JSON message when an utterance begins")
    end: Topic | None = Field(default=None, description="a JSON message when it has ended, with text and words")


class AwsIotWire(Model):
    """As devices on AWS IoT Core speak: telemetry below dt/<application>/<site>/, the switch in the thing's shadow."""

    kind: Literal["aws-iot"]
    application: str = Field(default="voice", pattern=r"^[^/+#\s]+$")


class WyomingWire(Model):
    """Wyoming, the protocol of Home Assistant's voice services, over TCP. It carries sound alone: no switch, no
    button, no device. `ask` is what a client says first."""

    kind: Literal["wyoming"]
    address: str = Field(pattern=r"^tcp://[^\s:/@]+:\d{1,5}$", description="tcp://host:port")
    ask: Literal["transcribe", "detect", "none"] = "transcribe"


class CodecWire(Model):
    """A class of your own beside the target file; scenarios/docs/own-codec.md has one."""

    kind: Literal["codec"]
    codec: str = Field(pattern=DOTTED, description="module.Class")


Wire = Annotated[
    HermesWire | HermesOnlyWire | PlainWire | AwsIotWire | WyomingWire | CodecWire, Field(discriminator="kind")
]


def wire_faults(wire: Wire, *, receipts: bool, broker: bool) -> Iterable[Locate]:
    """What no type can say; paths from the file's top."""
    if receipts and not isinstance(wire, HermesWire):
        yield ("receipts",), f"true: receipts belong to wire hermes; a wire of kind {wire.kind} has none"
    if isinstance(wire, WyomingWire) and broker:
        yield ("broker",), "is not used by wire wyoming, which connects to its own address"
    if not isinstance(wire, PlainWire):
        return
    if wire.payload == "json" and "audio" not in wire.fields:
        yield ("wire", "fields"), "audio: is wanted, which says where in the JSON the sound stands"
    if wire.payload != "json" and wire.fields and wire.start is None and wire.end is None:
        yield ("wire", "fields"), f"a payload of {wire.payload} has no fields, and there is no start or end message"
    if wire.per == "utterance":
        for fact in ("number", "last"):
            if fact in wire.fields:
                yield ("wire", "fields", fact), "belongs to per: frame"
