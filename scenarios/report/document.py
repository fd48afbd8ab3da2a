"""A RunResult as report.json: the fields programs may rely on (schema 1)."""

import shlex
from collections.abc import Iterable, Mapping

import msgspec

from scenarios.attacks.residual import Residual
from scenarios.checks.exposure import distinct
from scenarios.checks.gating import GatingFigures
from scenarios.checks.gating import figures as gating_figures
from scenarios.model.forbidden import tried
from scenarios.model.ledger import figures as ledger_figures
from scenarios.model.observations import LoadFigures
from scenarios.report.checked import left_out, ran
from scenarios.report.exposed import claims
from scenarios.report.finding_row import FindingRow, finding_row
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.verdict import Finding
from simulator.world.truth import Pace

SCHEMA = 1


class WaivedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a baseline file accepts until the end of a day."""

    finding: FindingRow
    reason: str
    expires: str


class Leaks(msgspec.Struct, frozen=True, kw_only=True):
    """`routes_total` counts the published pairs of method and path. `planted` counts the planted leaks.

    Null means that no check examined it. `leaks`, `coverage` and `positive_control` each have their own figures.
    `findings` are always listed. Findings that no check judged make the verdict unknown.
    """

    responses: int | None
    bytes: int | None
    routes_seen: int | None
    routes_total: int | None
    needles: int | None
    looked_for: Mapping[str, int] | None
    left_out: Mapping[str, int] | None
    planted: int | None
    planted_found: int | None
    findings: tuple[FindingRow, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger: kept + dropped + lost + should_not_exist = utterances. Null if no check looked at it.

    `by_rule` splits should_not_exist by the rule that was broken."""

    utterances: int
    kept: int | None = None
    dropped: int | None = None
    lost: int | None = None
    should_not_exist: int | None = None
    by_rule: Mapping[str, int] | None = None
    duplicated: int | None = None
    false_accepts: int | None = None
    false_rejects: int | None = None
    unexplained: int | None = None
    reordered: int | None = None
    corrupt: int | None = None


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome` is holds, broken or not tested."""

    says: str
    outcome: str
    measured: str


class Slo(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    limit: float
    value: float | None
    met: bool


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds."""

    requests: int
    failures: int
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    slo: tuple[Slo, ...]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    outcome: str
    examined: int
    why: str
    findings: tuple[FindingRow, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """report.json. `verdict` is the system's own. `as_expected` is null if the scenario expects nothing, and `unmet`
    lists the expectations that do not hold. Null means that no check examined it.

    `timing` is in seconds by phase. `pace` tells how late a paced fleet was. `faults` counts the faults of each kind.
    `residual` is what an attacker can still learn. Findings in `waived` are accepted by a baseline file and count for
    no verdict.
    """

    schema: int
    scenario: str
    seed: int
    contract: str
    verdict: str
    as_expected: bool | None
    unmet: tuple[str, ...] = ()
    made: Made | None = None
    judged_again: str | None = None
    digest: str
    households: int
    broker: str
    ledger: Counts
    gating: GatingFigures | None
    leaks: Leaks
    load: Load | None
    checks: tuple[Check, ...]
    timing: dict[str, float]
    declared_disclosures: tuple[str, ...]
    clips_served: int
    claims: tuple[ClaimRow, ...] = ()
    not_checked: tuple[str, ...] = ()
    pace: Pace | None
    faults: dict[str, int] | None
    residual: Residual | None = None
    waived: tuple[WaivedRow, ...] = ()
    baseline_notes: tuple[str, ...] = ()


def document(result: RunResult) -> Report:
    """Figures a run did not measure are null, never zero."""
    return Report(
        schema=SCHEMA,
        scenario=result.scenario.name,
        seed=result.scenario.seed,
        contract=result.contract.name,
        verdict=result.outcome.value,
        as_expected=result.as_expected,
        unmet=result.unmet,
        made=result.made,
        judged_again=f"{result.earlier.folder}, started {result.earlier.started}" if result.earlier else None,
        digest=result.ledger.digest,
        households=result.households,
        broker=result.broker,
        ledger=counts(result),
        gating=gating_figures(result.ledger) if ran(result, "gating") else None,
        leaks=_leaks(result),
        load=_load(result),
        checks=tuple(
            Check(
                name=verdict.check,
                outcome=verdict.outcome.value,
                examined=verdict.examined,
                why=verdict.why,
                findings=tuple(map(finding_row, reproducible(verdict.findings, result))),
            )
            for verdict in result.verdicts
        ),
        timing={name: round(seconds, 2) for name, seconds in result.timing.items()},
        declared_disclosures=tuple(result.contract.allow),
        clips_served=len(result.seen.served),
        claims=tuple(ClaimRow(says=each.says, outcome=each.outcome, measured=each.measured) for each in claims(result)),
        not_checked=left_out(result),
        residual=result.residual if ran(result, "linkage", "anonymity") else None,
        waived=tuple(
            WaivedRow(finding=finding_row(each.finding), reason=each.reason, expires=each.expires)
            for each in result.waived
        ),
        baseline_notes=result.baseline_notes,
        pace=result.pace,
        faults=dict(result.schedule.counts) if result.schedule else None,
    )


def reproducible(findings: Iterable[Finding], result: RunResult) -> tuple[Finding, ...]:
    """The findings with a command that shows each again. Without a better one it is the scenario with its seed."""
    return tuple(
        msgspec.structs.replace(f, reproduce=_command(f.reproduce, result) if f.reproduce else result.command)
        for f in findings
    )


def _command(said: str, result: RunResult) -> str:
    """`earlid why` finds an utterance only in the folder of the run that heard it."""
    if said.startswith("earlid why ") and "--out" not in said:
        folder = result.earlier.folder if result.earlier else str(result.out)
        return f"{said} --out {shlex.quote(folder)}"
    return said


def counts(result: RunResult) -> Counts:
    """The figures of the ledger, as far as a check that ran has examined them."""
    found = ledger_figures(result.ledger, result.integrity)
    told = Counts(utterances=found.utterances)
    by_rule: dict[str, int] = {each.rule: each.stored for each in tried(result.ledger) if each.stored}
    if ran(result, "conservation"):
        return Counts(**msgspec.structs.asdict(found), by_rule=by_rule)
    if ran(result, "should_not_exist"):
        told = msgspec.structs.replace(
            told, should_not_exist=found.should_not_exist, by_rule=by_rule, unexplained=found.unexplained
        )
    if ran(result, "gating"):
        told = msgspec.structs.replace(told, false_accepts=found.false_accepts, false_rejects=found.false_rejects)
    return told


def _leaks(result: RunResult) -> Leaks:
    seen = result.seen
    fetched = {response.template for response in (*seen.responses, *seen.doors)}
    searched, covered, proved = ran(result, "leaks"), ran(result, "coverage"), ran(result, "positive_control")
    return Leaks(
        responses=len(seen.responses) if searched else None,
        bytes=sum(response.bytes for response in seen.responses) if searched else None,
        routes_seen=len(seen.routes & fetched) if covered else None,
        routes_total=len(seen.routes) if covered else None,
        needles=seen.needles if searched else None,
        looked_for=dict(sorted(seen.looked_for.items())) if searched else None,
        left_out=dict(sorted(seen.left_out.items())) if searched else None,
        planted=len(seen.controls) if proved else None,
        planted_found=sum(control.found for control in seen.controls) if proved else None,
        findings=tuple(map(finding_row, reproducible(distinct(f for r in seen.responses for f in r.findings), result))),
    )


def _load(result: RunResult) -> Load | None:
    load, limits = result.seen.load, result.scenario.load
    if load is None or not ran(result, "load"):
        return None
    return Load(
        requests=load.requests,
        failures=load.failures,
        rps=load.rps,
        p50_ms=load.p50_ms,
        p95_ms=load.p95_ms,
        p99_ms=load.p99_ms,
        slo=(
            _slo("p95_ms", limits.p95_ms, load.p95_ms),
            _slo("failure_share", limits.max_failure_share, _failure_share(load)),
        ),
    )


def _slo(name: str, limit: float, value: float | None) -> Slo:
    return Slo(name=name, limit=limit, value=value, met=value is not None and value <= limit)


def _failure_share(load: LoadFigures) -> float | None:
    return load.failures / load.requests if load.requests else None
