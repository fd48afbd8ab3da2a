"""A scenario file, read strictly: which fleet, under which contract, under which load, judged by which checks."""

from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from simulator.device.assistant import USUAL
from simulator.links.faults import Fault, Kind, Part
from simulator.plan.first_stage import Wakes
from simulator.world.utterances import Ways

CheckName = Literal[
    "leaks",
    "positive_control",
    "coverage",
    "sampling",
    "conservation",
    "should_not_exist",
    "gating",
    "spoken_secrets",
    "linkage",
    "anonymity",
    "at_rest",
    "load",
    "pace",
]
Connections = Literal["shared", "own"]
SUITES = Path(__file__).parent.parent / "suites"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fleet(_Model):
    """The simulated world. `snr_db` is speech over the room's noise; `voices: understood` takes the voices the wake
    model was measured to understand, `any` takes all (the report says which)."""

    households: int = Field(default=20, ge=1, le=100_000)
    utterances_per_device: int = Field(default=4, ge=1, le=10_000)
    snr_db: float = Field(default=20.0, ge=-10, le=60)
    voices: Literal["understood", "any"] = "understood"
    talk_after: float = Field(default=0.3, ge=0, le=1, description="requests followed by talk nobody addressed to it")
    in_rooms: float = Field(default=0.0, ge=0, le=1, description="share of scenes heard through a room")
    ways: Ways = Field(default="plain", description="how numbers and names are said: people say double five, and spell")
    distress: float = Field(default=0.0, ge=0, le=1, description="false wakes that are cries for help")
    visits: float = Field(default=0.0, ge=0, le=1, description="requests by somebody of another home")
    talk_before: float = Field(
        default=0.0, ge=0, le=1, description="requests with talk before them, in the ring or not"
    )
    ring_ms: int = Field(default=500, ge=0, le=5_000, description="what a device streams from before it woke")
    wakes: Wakes = Field(
        default="every_sound", description="measured: devices sleep through most of what is no request"
    )
    reboots: float = Field(default=0.0, ge=0, le=1_000, description="of a device, in the mean over the run")
    offline: float = Field(default=0.0, ge=0, le=1_000, description="times without a connection, in the mean")
    towns: tuple[str, ...] = Field(default=(), description="where homes are, in turn: Ashland, OR")
    word_error_rate: float = Field(default=USUAL.word_error_rate, ge=0, le=1, description="of the automatic transcript")
    time_jitter_ms: float = Field(default=USUAL.time_jitter_ms, ge=0, le=1_000, description="of its words' edges")
    wake_like: float = Field(
        default=USUAL.wake_like, ge=0, le=1, description="wake-like phrases it takes for the wake word"
    )


class Wire(_Model):
    """How devices reach the broker: many over few connections, or each over its `own` with its own user and last
    will; as fast as the gateway answers, or `pace` simulated seconds a second. A paced run of which one event in a
    hundred came more than `max_lag_ms` late measured itself, and is unknown."""

    connections: Connections = "shared"
    pace: float | None = Field(default=None, gt=0, le=100_000)
    max_lag_ms: float = Field(default=250.0, gt=0)


class Misfortune(_Model):
    """A fault that befalls a share of the devices' messages; what an amount means differs by kind."""

    kind: Kind
    share: float = Field(ge=0, le=1)
    of: Part = "any"
    amount: tuple[int, int] | None = None

    @property
    def fault(self) -> Fault:
        return Fault(kind=self.kind, share=self.share, of=self.of, amount=self.amount)


class Load(_Model):
    """Locust's reviewers. The run ends when every clip was visited, or after `max_seconds`."""

    reviewers: int = Field(default=4, ge=1, le=10_000)
    spawn_rate: float = Field(default=4.0, gt=0)
    max_seconds: int = Field(default=30, ge=1, le=86_400)
    critical_share: float = Field(default=0.0, ge=0, le=1)
    p95_ms: int = Field(default=1_000, ge=1)
    max_failure_share: float = Field(default=0.0, ge=0, le=1)


class Gating(_Model):
    """Thresholds for what is a matter of hearing; structural faults have none."""

    max_false_reject_share: float = Field(default=0.1, ge=0, le=1)
    max_false_accept_share: float = Field(default=0.5, ge=0, le=1)


class Expect(_Model):
    """For an incident: the verdict, and the identity fields that must be among the findings. The built-in only."""

    verdict: Literal["pass", "fail"]
    findings: tuple[str, ...] = ()


class Scenario(_Model):
    version: Literal[1] = Field(alias="scenario")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    about: str
    contract: str = "strict"
    seed: int = Field(default=1, ge=0)
    fleet: Fleet = Fleet()
    wire: Wire = Wire()
    faults: tuple[Misfortune, ...] = ()
    load: Load = Load()
    gating: Gating = Gating()
    checks: tuple[CheckName, ...] = Field(min_length=1)
    expect: Expect | None = None

    @property
    def judged_by(self) -> frozenset[CheckName]:
        """The checks it names, and the pace of a paced run whether named or not: late figures are not figures."""
        return frozenset((*self.checks, "pace") if self.wire.pace is not None else self.checks)


def load_scenario(path: Path) -> Scenario:
    """Raises BadFile: not there, not YAML, an unknown key, a wrong value."""
    data = read_yaml(path)
    try:
        return Scenario.model_validate(data)
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Scenario)) from None


def find_scenarios(paths: list[Path]) -> list[Path]:
    """The .yaml files named or in the folders named, folders in name order.

    Raises:
        BadFile: nothing there, or two scenarios of one name (their out folders would collide).
    """
    found: list[Path] = []
    for path in paths:
        here = path if path.exists() else SUITES / path
        if here.is_dir():
            found += sorted(here.rglob("*.yaml"))
        elif here.exists():
            found.append(here)
        else:
            known = ", ".join(sorted(p.name for p in SUITES.iterdir() if p.is_dir()))
            raise BadFile(f"{path}: no such scenario or folder; suites: {known}")
    if not found:
        raise BadFile(f"{paths[0] if paths else SUITES}: no .yaml scenario in it")
    names = [load_scenario(path).name for path in found]
    for name in names:
        if names.count(name) > 1:
            raise BadFile(f"name: {name}: two scenarios of this run have it")
    return found
