"""What a scenario expects, and the figures it may put a limit to: names, comparisons, thresholds."""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from gateway.fault_words import nearest
from gateway.identities import Identities
from scenarios.model.times import Time
from scenarios.model.validated import Locate

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
    "retention",
    "access",
    "review_work",
    "load",
    "pace",
]
CHECK_NAMES: tuple[str, ...] = get_args(CheckName)

# What a figure is, by "check.figure". A figure of a check that did not run is not known.
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "leaks.findings": "findings in responses",
        "leaks.households": "households of which something was found",
        "leaks.responses": "responses that were searched",
        "coverage.routes": "published routes that were fetched",
        "conservation.utterances": "utterances sent",
        "conservation.kept": "utterances of which a clip is stored as it should be, or by a mistake of hearing",
        "conservation.dropped": "utterances of which nothing is stored",
        "conservation.lost": "utterances that should be stored and are not, though nothing was misheard",
        "conservation.duplicated": "utterances stored twice",
        "should_not_exist.stored": "clips that no rule of the contract lets exist",
        "gating.false_rejects": "requests that were not taken for one",
        "gating.false_reject_share": "... as a share of the requests",
        "gating.false_accepts": "sounds that were taken for a request",
        "gating.false_accept_share": "... as a share of the sounds that are none",
        "spoken_secrets.audible": "spoken secrets of which 30 ms or more are audible",
        "linkage.auc_ids": "how well ids join clips of a household: 0.5 is guessing",
        "linkage.auc_times": "how well times do",
        "anonymity.people": "people of the smallest place shown",
        "load.requests": "requests of the reviewers",
        "load.failure_share": "share of them that failed",
        "load.rps": "requests a second",
        "load.avg_ms": "mean answer time",
        "load.max_ms": "longest answer time",
        "load.p50_ms": "median answer time",
        "load.p90_ms": "90th percentile of it",
        "load.p95_ms": "95th percentile of it",
        "load.p99_ms": "99th percentile of it",
        "delivery.attempts": "sendings an utterance took in the mean",
        "delivery.silence_s": "longest time for which the gateway was waited for and said nothing",
    }
)
OF_A_ROUTE = frozenset(name for name in FIGURES if name.startswith("load.") and name != "load.rps")
OF_A_COHORT = frozenset(
    name
    for name in FIGURES
    if name.startswith(("gating.", "conservation.", "should_not_exist.")) or name == "delivery.attempts"
)
# Figures that are known before the run is over: of those, a threshold may stop it.
EARLY = ("load.", "leaks.", "conservation.", "should_not_exist.", "gating.", "delivery.")
NO_CHECK = frozenset({"delivery"})  # figures of the run itself

Disposition = Literal["kept", "dropped", "lost", "duplicated", "should_not_exist", "false_accept", "false_reject"]

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt}
)
_BOUND = re.compile(r"^\s*(<=|>=|==|!=|<|>)?\s*([0-9][0-9_]*(?:\.[0-9]+)?(?:e-?[0-9]+)?)\s*(%?)\s*$")
_THAT = re.compile(r"^\s*([a-z0-9_.]+)\s*(?:\{([^}]*(?:\{[^}]*\}[^}]*)*)\})?\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*$")
_PERCENTILE = re.compile(r"\bp\((\d+)\)")  # as k6 writes it
MARKS = frozenset({"join_tag"})
_NEVER = frozenset({"consent", "household_id", "members.person_id", "members.age_group", "secrets.kind"})


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """ "at least 3": a comparison with a number."""

    sign: str
    number: float

    def holds(self, value: float, tolerance: float = 0.0) -> bool:
        """Whether the comparison is true, or would be for a value that is nearer by `tolerance`."""
        if self.sign in ("==", "!=") and tolerance:
            return (abs(value - self.number) <= tolerance) is (self.sign == "==")
        nearer = -tolerance if self.sign in ("<", "<=") else tolerance
        return _OPERATORS[self.sign](value + nearer, self.number)

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold: the figure, of one `route` ("GET /clips/{ref}"), of the homes of one `cohort`, or of all, and its
    bound."""

    figure: str
    route: str | None
    bound: Bound
    cohort: str | None = None

    def __str__(self) -> str:
        part = f"cohort {self.cohort}" if self.cohort else self.route
        return self.figure + (f"{{{part}}}" if part else "") + f" {self.bound}"


def bound(said: object) -> Bound:
    """5, "5", ">= 5" and "< 5 %". Raises ValueError: none of these."""
    found = _BOUND.match(str(said)) if not isinstance(said, bool) else None
    if found is None:
        raise ValueError(f"{said}: a number is wanted, or a comparison such as '>= 3' or '< 5 %'")
    number = float(found[2].replace("_", "")) / (100 if found[3] else 1)
    return Bound(sign=found[1] or "==", number=number)


def limit(said: str) -> Limit:
    """ "gating.false_reject_share < 0.05". Raises ValueError: not of that form, or an unknown figure."""
    found = _THAT.match(_PERCENTILE.sub(r"p\1_ms", said))
    if found is None:
        raise ValueError(f"{said}: a figure, a comparison and a number are wanted: gating.false_reject_share < 0.05")
    figure, route = found[1], found[2]
    cohort = route.split(None, 1)[1].strip() if route is not None and route.startswith("cohort ") else None
    if figure not in FIGURES:
        raise ValueError(f"{figure} is no figure; {nearest(figure, FIGURES)}")
    if cohort is not None and figure not in OF_A_COHORT:
        raise ValueError(f"{figure}: is not measured by cohort; those that are: {', '.join(sorted(OF_A_COHORT))}")
    if cohort is None and route is not None and figure not in OF_A_ROUTE:
        by_cohort = f"; of one cohort: {figure}{{cohort NAME}}" if figure in OF_A_COHORT else ""
        allowed = ", ".join(sorted(OF_A_ROUTE))
        raise ValueError(f"{figure}: is not measured by route; those that are: {allowed}{by_cohort}")
    most = bound(found[3] + found[4])
    if figure.endswith("_share") and most.number > 1:
        raise ValueError(f"{most.number:g}: a share from 0 to 1 is wanted; {most.number:g} % is {most.number / 100:g}")
    return Limit(figure=figure, route=None if cohort else route, bound=most, cohort=cohort)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Expect(_Model):
    """What must come out, for the built-in target alone: the verdict, identity fields among the findings, `checks`
    by outcome, `outcomes` (how many utterances end so), `counts` (figures): 3, or a comparison such as ">= 3"."""

    verdict: Literal["pass", "fail", "unknown"]
    findings: tuple[str, ...] = Field(default=(), description="identity fields that must be found: home.latitude")
    absent: tuple[str, ...] = Field(default=(), description="identity fields that must not be found")
    checks: dict[CheckName, Literal["pass", "fail", "unknown"]] = Field(default={}, description="outcome by check")
    outcomes: dict[Disposition, int | str] = Field(default={}, description="utterances that end so: 3, or '>= 3'")
    counts: dict[str, int | float | str] = Field(default={}, description="figures: leaks.households: 6")


class Threshold(_Model):
    """A limit to a figure of the run; broken, it may stop the run at once."""

    that: str = Field(
        description="gating.false_reject_share{cohort families} < 0.05; load.p(95){GET /clips/{ref}} < 800"
    )
    abort: bool = Field(default=False, description="once it is broken, reviewers stop: true")
    warmup: Time = Field(default=0, description="the first 10s of the load do not count; for load figures")
    tolerance: float = Field(default=0.0, ge=0, description="by how much the figure may miss it: 0.02")


def finding_fields() -> frozenset[str]:
    """Every field a finding can have: dotted paths of identities.json."""
    return frozenset((_dotted(Identities.model_json_schema()) | MARKS) - _NEVER)


def expectation_faults(expect: Expect, checks: Iterable[str]) -> Iterable[Locate]:
    """What no type can say of it; paths from the scenario's top."""
    known, selected = finding_fields(), set(checks)
    for part in ("findings", "absent"):
        for at, field in enumerate(getattr(expect, part)):
            if field not in known:
                yield ("expect", part, at), f"{field} is no field of identities.json; {_near(field, known)}"
    for name in expect.checks:
        if name not in selected:
            yield ("expect", "checks", name), f"{name} is not among the scenario's checks, and would not run"
    for ending, ends in expect.outcomes.items():
        if (wrong := _wrong(ends)) is not None:
            yield ("expect", "outcomes", ending), wrong
    for figure, count in expect.counts.items():
        if figure not in FIGURES:
            yield ("expect", "counts", figure), f"{figure} is no figure; {_near(figure, FIGURES)}"
        elif figure.split(".")[0] not in selected | NO_CHECK:
            yield ("expect", "counts", figure), f"{figure}: {figure.split('.')[0]} is not among the scenario's checks"
        elif (wrong := _wrong(count)) is not None:
            yield ("expect", "counts", figure), wrong


def threshold_faults(
    thresholds: Iterable[Threshold | str], checks: Iterable[str], cohorts: Collection[str] = ()
) -> Iterable[Locate]:
    """What no type can say of them. `cohorts` are the names of the fleet's cohorts."""
    for at, each in enumerate(thresholds):
        where = ("thresholds", at) if isinstance(each, str) else ("thresholds", at, "that")
        try:
            wanted = limit(each if isinstance(each, str) else each.that)
        except ValueError as error:
            yield where, str(error)
            continue
        figure = wanted.figure
        if wanted.cohort is not None and wanted.cohort not in cohorts:
            yield (
                where,
                f"{wanted.cohort}: {nearest(wanted.cohort, cohorts) if cohorts else 'the fleet has no cohorts'}",
            )
        if figure.split(".")[0] not in set(checks) | NO_CHECK:
            yield where, f"{figure}: {figure.split('.')[0]} is not among the scenario's checks, and would not run"
        if isinstance(each, Threshold) and each.abort and not figure.startswith(EARLY):
            yield ("thresholds", at, "abort"), f"{figure} is known at the end only, and can stop nothing"
        if isinstance(each, Threshold) and each.warmup and not figure.startswith("load."):
            yield ("thresholds", at, "warmup"), f"{figure} has no warm-up; figures of load have"


def _wrong(said: object) -> str | None:
    try:
        bound(said)
    except ValueError as error:
        return str(error)
    return None


def _near(word: str, allowed: Iterable[str]) -> str:
    """The nearest alone: the list is long."""
    return nearest(word, allowed).partition("allowed:")[0].strip() or f"for example {min(allowed)}"


def _dotted(schema: Mapping[str, object]) -> set[str]:
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)  # noqa: S101 (pydantic's own)
    found: set[str] = set()

    def walk(node: object, at: str) -> None:
        if isinstance(node, list):
            for each in node:
                walk(each, at)
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            walk(definitions[str(node["$ref"]).rpartition("/")[2]], at)
            return
        inner = node.get("properties")
        if isinstance(inner, dict):
            for name, child in inner.items():
                walk(child, f"{at}.{name}" if at else name)
            return
        if "items" in node or "anyOf" in node:
            walk(node.get("items"), at)
            walk(node.get("anyOf"), at)
        elif at and node.get("type") != "null":
            found.add(at)

    homes = definitions["Household"]
    walk(homes, "")
    return found
