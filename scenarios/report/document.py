"""A RunResult as report.json: the fields programs may rely on (schema 1)."""

from collections.abc import Iterable

import msgspec

from scenarios.attacks.residual import Residual
from scenarios.checks.exposure import distinct
from scenarios.checks.gating import GatingFigures
from scenarios.checks.gating import figures as gating_figures
from scenarios.model.ledger import LedgerFigures
from scenarios.model.ledger import figures as ledger_figures
from scenarios.model.observations import LoadFigures
from scenarios.report.result import RunResult
from scenarios.verdict import Finding, Where
from simulator.world.truth import Pace

SCHEMA = 1


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as data, its fingerprint beside it; never the value."""

    check: str
    severity: str
    where: Where
    household_id: str
    person_id: str | None
    field: str
    how: tuple[str, ...]
    masked_evidence: str
    fingerprint: str
    reproduce: str


class WaivedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finding a baseline file accepts until the end of a day."""

    finding: FindingRow
    reason: str
    expires: str


class Leaks(msgspec.Struct, frozen=True, kw_only=True):
    """`routes_total` counts the published method-and-path pairs, `planted` the controls."""

    responses: int
    bytes: int
    routes_seen: int
    routes_total: int
    needles: int
    planted: int
    planted_found: int
    findings: tuple[FindingRow, ...]


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
    """report.json. `verdict` is the system's own; `as_expected` is null when the scenario expects nothing;
    `timing` is seconds by phase, `pace` how late a paced fleet was, `faults` how often each kind befell it;
    `residual` is what an attacker is left with; what a baseline file has `waived` counts for no verdict."""

    schema: int
    scenario: str
    seed: int
    contract: str
    verdict: str
    as_expected: bool | None
    digest: str
    households: int
    broker: str
    ledger: LedgerFigures
    gating: GatingFigures
    leaks: Leaks
    load: Load | None
    checks: tuple[Check, ...]
    timing: dict[str, float]
    declared_disclosures: tuple[str, ...]
    clips_served: int
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
        digest=result.ledger.digest,
        households=result.households,
        broker=result.broker,
        ledger=ledger_figures(result.ledger, result.integrity),
        gating=gating_figures(result.ledger),
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
        residual=result.residual,
        waived=tuple(
            WaivedRow(finding=finding_row(each.finding), reason=each.reason, expires=each.expires)
            for each in result.waived
        ),
        baseline_notes=result.baseline_notes,
        pace=result.pace,
        faults=dict(result.schedule.counts) if result.schedule else None,
    )


def reproducible(findings: Iterable[Finding], result: RunResult) -> tuple[Finding, ...]:
    """Findings that say how to see them again: the scenario and its seed, where a check said nothing better."""
    command = f"earlid run {result.scenario.name} --seed {result.scenario.seed}"
    return tuple(f if f.reproduce else msgspec.structs.replace(f, reproduce=command) for f in findings)


def finding_row(finding: Finding) -> FindingRow:
    return FindingRow(**msgspec.structs.asdict(finding), fingerprint=finding.fingerprint)


def _leaks(result: RunResult) -> Leaks:
    seen = result.seen
    fetched = {response.template for response in seen.responses}
    return Leaks(
        responses=len(seen.responses),
        bytes=sum(response.bytes for response in seen.responses),
        routes_seen=len(seen.routes & fetched),
        routes_total=len(seen.routes),
        needles=seen.needles,
        planted=len(seen.controls),
        planted_found=sum(control.found for control in seen.controls),
        findings=tuple(map(finding_row, reproducible(distinct(f for r in seen.responses for f in r.findings), result))),
    )


def _load(result: RunResult) -> Load | None:
    load, limits = result.seen.load, result.scenario.load
    if load is None:
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
