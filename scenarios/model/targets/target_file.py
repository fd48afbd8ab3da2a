"""target.yaml: what is under test. The built-in system, one that the harness starts, or one that is there already."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from gateway.fault_words import nearest
from scenarios.model.targets.fields import NAME, Model, Secret
from scenarios.model.targets.kept import Join, Kept, KeptNone, kept_faults
from scenarios.model.targets.parts import May, Part, Settle, Words
from scenarios.model.targets.review import Review, review_faults
from scenarios.model.targets.wire import BrokerAt, HermesWire, Wire, WyomingWire, wire_faults
from scenarios.model.validated import Locate, validated
from scenarios.model.yaml_file import BadFiles, Fault, read_document

BROKERS = r"^(auto|mosquitto|amqtt|mqtts?://.+)$"


class Builtin(Model):
    """The reference system, on a private broker of the kind named, or at a URL.

    `tls` makes the private broker speak TLS alone; `ca` is the certificate that signs the one at a URL (mqtts://).
    """

    version: Literal[1] = Field(default=1, alias="target")
    kind: Literal["builtin"] = "builtin"
    broker: str = Field(default="auto", pattern=BROKERS)
    tls: bool = False
    ca: Path | None = None

    @model_validator(mode="after")
    def _tls_where_there_is_some(self) -> Self:
        if self.tls and self.broker not in ("auto", "mosquitto"):
            raise ValueError("tls: takes broker auto or mosquitto; the embedded amqtt speaks none, a URL says mqtts://")
        return self


class Own(Model):
    """Somebody's own system: how the fleet speaks to it, and where one sees what it kept.

    `receipts`: devices are told what became of each utterance, and the watermark is answered
    (gateway/docs/mqtt-door.md). Without them devices send once, `pace` simulated seconds a second, and `settle` says
    when the system is done.
    """

    version: Literal[1] = Field(alias="target")
    kind: Literal["attached", "command"]
    name: str = Field(pattern=NAME)
    kept: Kept
    join: Join = "exact"
    join_key: Secret | None = Field(
        default=None, description="kept.session holds HMAC-SHA256(key, session) in hex, not the session"
    )
    review: Review | None = None
    files: tuple[str, ...] = Field(default=(), description="files and folders it writes, searched for at_rest")
    accept_unread: tuple[str, ...] = Field(
        default=(), description="kinds or reasons of parts of `files` that may stay unread, as for `earlid scan`"
    )
    wire: Wire = HermesWire(kind="hermes")
    receipts: bool = False
    pace: float = Field(default=20.0, gt=0, le=1_000)
    settle: Settle = Settle()
    identities: str | None = Field(
        default=None, description="households it knows already, instead of the scenario's; a file beside this one"
    )
    forget: Words | None = Field(default=None, description="forgets a household; {site} is one of its devices")
    withdraw: Words | None = Field(
        default=None, description="tells it that a household does not agree any more; {site} is one of its devices"
    )
    sweep: Words | None = Field(
        default=None,
        description="deletes what is due at {now} (2027-05-30T12:00:00, UTC), {days} days after the run; for retention",
    )


class Attached(Own):
    """A system that is there already. It is read, and never stopped, flooded or deleted from, unless `may` says so."""

    kind: Literal["attached"]
    broker: BrokerAt | None = Field(default=None, description="left out: it is judged by `earlid judge` alone")
    may: tuple[May, ...] = Field(default=(), description="what may be done to it besides speaking and reading")
    restart: Words | None = Field(default=None, description="restarts its gateway; returns when it is up again")


class Command(Own):
    """A system that the harness starts, watches, kills and ends. Without `broker` it gets a private one."""

    kind: Literal["command"]
    parts: tuple[Part, ...] = Field(min_length=1, description="in the order of their start; one is called gateway")
    broker: BrokerAt | Literal["auto", "mosquitto", "amqtt"] = "auto"


TargetFile = Builtin | Attached | Command
_KINDS: dict[str, type[Builtin] | type[Attached] | type[Command]] = {
    "builtin": Builtin,
    "attached": Attached,
    "command": Command,
}


def load_target_file(path: Path) -> TargetFile:
    """A target file of any kind.

    Raises:
        BadFile: not there. BadFiles: every fault: file, line, key, what is allowed.
    """
    document = read_document(path)
    kind = document.data.get("kind", "builtin") if isinstance(document.data, dict) else "builtin"
    model = _KINDS.get(kind) if isinstance(kind, str) else None
    if model is Attached:
        return validated(document, Attached, _attached_faults)
    if model is Command:
        return validated(document, Command, _command_faults)
    if model is Builtin:
        return validated(document, Builtin)
    says = f"{kind if isinstance(kind, str) else 'this'} is not known; {nearest(str(kind), _KINDS)}"
    raise BadFiles([Fault(place=document.place(("kind",)), key="kind", says=says)])


def target_schema() -> dict[str, Any]:
    """The JSON Schema of all kinds."""
    return TypeAdapter(TargetFile).json_schema()


def _own_faults(target: Own, *, broker: bool) -> Iterable[Locate]:
    yield from kept_faults(target.kept, target.join)
    yield from wire_faults(target.wire, receipts=target.receipts, broker=broker)
    if target.sweep is not None:
        yield from _sweep_faults(target.sweep, target.kept)
    for name in ("forget", "withdraw"):
        words = getattr(target, name)
        if words is not None and not any("{site}" in word for word in words):
            yield (name,), "wants {site}, which says whose household it is"
    if target.review is not None:
        yield from review_faults(target.review, target.kept)
    if target.join_key is not None and (target.join != "exact" or isinstance(target.kept, KeptNone)):
        yield ("join_key",), "belongs to join: exact"


def _sweep_faults(words: Words, kept: Kept) -> Iterable[Locate]:
    if isinstance(kept, KeptNone):
        yield ("sweep",), "nothing can be read back (kept: none), so nobody would see what it deletes"
    if not any("{now}" in word or "{days}" in word for word in words):
        yield ("sweep",), "wants {now} or {days}, which say the day as of which it deletes"


def _attached_faults(target: Attached) -> Iterable[Locate]:
    yield from _own_faults(target, broker=target.broker is not None)
    for name in ("restart", "forget", "withdraw", "sweep"):
        if getattr(target, name) is not None and name not in target.may:
            yield (name,), f"is not allowed; may: [{name}] allows it"
        if name in target.may and getattr(target, name) is None:
            yield ("may", target.may.index(name)), f"{name}: wants {name}: [program, ...], which does it"


def _command_faults(target: Command) -> Iterable[Locate]:
    yield from _own_faults(target, broker="broker" in target.model_fields_set)
    names = [part.name for part in target.parts]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield ("parts", at, "name"), f"{name} stands twice"
    for at, part in enumerate(target.parts):
        for number, word in enumerate(part.run):
            for said in re.findall(r"\{([a-z_]+)\}", word):
                if said not in PLACES:
                    yield ("parts", at, "run", number), f"{{{said}}}: {nearest(said, PLACES)}"
    if isinstance(target.wire, WyomingWire) and len(names) == 1 and "{port}" in target.parts[0].run:
        yield ("parts", 0, "run"), "{port}: there is no broker with wire wyoming; name the port of wire.address"


PLACES = ("host", "port", "identities", "contract", "python")
