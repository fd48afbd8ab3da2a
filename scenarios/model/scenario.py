"""A scenario file, read strictly: which fleet, under which contract, under which load, judged by which checks."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.model.expectation import (
    CHECK_NAMES,
    CheckName,
    Expect,
    Threshold,
    expectation_faults,
    threshold_faults,
)
from scenarios.model.fleet import Fleet, homes_named
from scenarios.model.fleet_faults import fleet_faults
from scenarios.model.timeline import Happening, clashes, timeline_faults
from scenarios.model.times import Time
from scenarios.model.validated import Locate
from simulator.links.fault_kinds import USUAL as USUAL_AMOUNTS
from simulator.links.fault_kinds import Kind, Part

Connections = Literal["shared", "own"]

_MOST_AMOUNT = {"truncate": 999, "corrupt": 999}
_NO_AMOUNT = ("drop", "lose_receipt")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Wire(_Model):
    """How devices reach the broker: many over few connections, or each over its `own` with its own user and last
    will; as fast as the gateway answers, or `pace` simulated seconds a second. A paced run of which one event in a
    hundred came more than `max_lag_ms` late measured itself, and is unknown."""

    connections: Connections = "shared"
    pace: Annotated[float, Field(gt=0, le=100_000)] | tuple[Annotated[float, Field(gt=0, le=100_000)], ...] | None = (
        Field(default=None, description="simulated seconds a second; a list: one after another, in parts of equal time")
    )
    max_lag_ms: float = Field(default=250.0, gt=0)

    @property
    def paces(self) -> tuple[float | None, ...]:
        return self.pace if isinstance(self.pace, tuple) else (self.pace,)


class Misfortune(_Model):
    """A fault that befalls a share of the devices' messages; what an amount means differs by kind. Of one cohort or
    household, and for a time, where it says so."""

    kind: Kind
    share: float = Field(ge=0, le=1)
    of: Part = "any"
    amount: tuple[int, int] | None = None
    household: str | None = Field(default=None, description="of this home alone, by label: H03")
    cohort: str | None = Field(default=None, description="of the homes of this cohort alone")
    since: Time = Field(default=0, alias="from", description="of simulated time: 2m")
    until: Time | None = Field(default=None, description="of simulated time: 5m; left out: to the end")


class LoadStage(_Model):
    """So many reviewers for so many seconds."""

    duration: float = Field(gt=0, le=86_400, description="seconds")
    target: int = Field(ge=1, le=10_000, description="reviewers")


class Load(_Model):
    """Locust's reviewers. The run ends when every clip was visited, or after `max_seconds`; with `stages`, each of them
    does: a shift change is a stage of its own."""

    reviewers: int = Field(default=4, ge=1, le=10_000)
    spawn_rate: float = Field(default=4.0, gt=0)
    max_seconds: int = Field(default=30, ge=1, le=86_400)
    critical_share: float = Field(default=0.0, ge=0, le=1)
    p95_ms: int = Field(default=1_000, ge=1)
    max_failure_share: float = Field(default=0.0, ge=0, le=1)
    stages: tuple[LoadStage, ...] = ()

    @property
    def most_reviewers(self) -> int:
        """How many accounts are wanted."""
        return max([stage.target for stage in self.stages], default=self.reviewers)


class Gating(_Model):
    """Thresholds for what is a matter of hearing; structural faults have none."""

    max_false_reject_share: float = Field(default=0.1, ge=0, le=1)
    max_false_accept_share: float = Field(default=0.5, ge=0, le=1)


def _is_version(said: Any) -> Any:
    if said not in (1, 2) or isinstance(said, bool):
        raise ValueError(f"{said}: no version of this file; allowed: 1, 2")
    return said


class Scenario(_Model):
    """One run. What `extends`, `variables`, `matrix` and `cells` make of a file is done when this is read."""

    version: Annotated[Literal[1, 2], BeforeValidator(_is_version)] = Field(alias="scenario")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    about: str
    contract: str | dict[str, Any] = Field(
        default="strict", description="a preset, a file beside this one, or keys: {extends: strict, ...}"
    )
    seed: int = Field(default=1, ge=0)
    broker: str | None = Field(default=None, pattern=r"^(auto|mosquitto|amqtt|mqtts?://.+)$")
    target: str | None = Field(default=None, description="a target file beside this one")
    fleet: Fleet = Fleet()
    wire: Wire = Wire()
    faults: tuple[Misfortune, ...] = ()
    timeline: tuple[Happening, ...] = ()
    load: Load = Load()
    gating: Gating = Gating()
    checks: tuple[CheckName, ...] = Field(min_length=1)
    thresholds: tuple[str | Threshold, ...] = Field(default=(), description="gating.false_reject_share < 0.05")
    expect: Expect | None = None
    tags: tuple[str, ...] = Field(default=(), description="pytest marks, and what suites are chosen by")

    @property
    def judged_by(self) -> frozenset[CheckName]:
        """The checks it names, and the pace of a paced run whether named or not: late figures are not figures."""
        return frozenset((*self.checks, "pace") if self.wire.pace is not None else self.checks)


def contradictions(scenario: Scenario) -> Iterable[Locate]:
    """Everything that no type can say, by the path it stands at."""
    for at, name in enumerate(scenario.checks):
        if name in scenario.checks[:at]:
            yield ("checks", at), f"{name} stands twice"
    if "pace" in scenario.checks and scenario.wire.pace is None:
        at = scenario.checks.index("pace")
        yield ("checks", at), "pace: there is none to keep; wire.pace says how many simulated seconds a second has"
    for at, line in enumerate(scenario.faults):
        yield from _amount(at, line)
        yield from _scope(at, line, scenario.fleet)
    yield from fleet_faults(scenario.fleet)
    yield from timeline_faults(scenario.timeline, scenario.fleet, scenario.checks)
    yield from clashes(scenario.timeline, scenario.fleet)
    if len(scenario.wire.paces) > 1 and scenario.timeline:
        yield ("wire", "pace"), "several paces and a timeline do not go together; one pace is wanted"
    if scenario.expect is not None:
        yield from expectation_faults(scenario.expect, scenario.judged_by)
    yield from threshold_faults(scenario.thresholds, scenario.judged_by, [each.name for each in scenario.fleet.cohorts])


def _scope(at: int, line: Misfortune, fleet: Fleet) -> Iterable[Locate]:
    if line.household is not None and line.cohort is not None:
        yield ("faults", at, "cohort"), "either a household or a cohort is wanted"
    for key in ("household", "cohort"):
        if (said := getattr(line, key)) is not None:
            try:
                homes_named(fleet, **{key: said})
            except ValueError as error:
                yield ("faults", at, key), str(error)
    if line.until is not None and line.until <= line.since:
        yield ("faults", at, "until"), "is not after from"


def _amount(at: int, line: Misfortune) -> Iterable[Locate]:
    if line.amount is None:
        return
    least, most = line.amount
    where = ("faults", at, "amount")
    if line.kind in _NO_AMOUNT:
        yield where, f"a fault of kind {line.kind} has no amount; leave it out"
    elif least > most:
        yield where, f"[{least}, {most}]: the smaller number comes first: [{most}, {least}]"
    elif least < (1 if line.kind in ("bandwidth", "reorder") else 0):
        yield where, f"{least}: is too small for {line.kind}; usual is {list(USUAL_AMOUNTS[line.kind])}"
    elif most > _MOST_AMOUNT.get(line.kind, 86_400_000):
        yield where, f"{most}: at most {_MOST_AMOUNT.get(line.kind, 86_400_000)}, in thousandths"


def is_check(name: str) -> str:
    """The name. Raises BadFile: no such check."""
    if name not in CHECK_NAMES:
        raise BadFile(f"check {name}: {nearest(name, CHECK_NAMES)}")
    return name
