"""`earlid run --reuse OUT`: other checks, limits or expectations over what a finished run has recorded."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydantic

from gateway.contract.model import Contract
from gateway.files import BadFile
from scenarios.checks.judge import Case, judge
from scenarios.model.scenario import Scenario, contradictions, is_check
from scenarios.model.suite_files import Prepared, prepare
from scenarios.report.made import Made, made
from scenarios.report.record import Earlier, Record, read_record
from scenarios.report.result import RunResult
from scenarios.run.observe import make_detector
from scenarios.run.outcome import CAPABILITIES
from scenarios.run.scenario_run import Run
from scenarios.run.world import world_of
from scenarios.verdict import Outcome, Verdict

# What may differ from the run: it decides how the run is judged, and nothing of what happened in it.
JUDGING = (
    "name",
    "about",
    "tags",
    "version",
    "broker",
    "target",
    "contract",
    "checks",
    "thresholds",
    "expect",
    "gating",
)
_LIMITS_OF_LOAD = ("p95_ms", "max_failure_share")
_ONLY_WHEN_ASKED = ("retention", "access", "review_work")  # observed by runs that are to judge them
_NOT_RECORDED = "not checked: the run did not record it"


def rejudge(folder: Path, *, path: Path | None, checks: Sequence[str], out: Path, operator: str | None = None) -> Run:
    """The run of an out folder, judged by a scenario file at `path`, by `checks` alone, or as it was.

    Raises:
        BadFile: no record there, no such check, or the file describes another run.
    """
    started, record = datetime.now(UTC), read_record(folder)
    try:
        before = Scenario.model_validate(record.scenario)
        contract = Contract.model_validate(record.contract)
    except pydantic.ValidationError:
        raise BadFile(f"{folder}: recorded by another version of Earlid; run the scenario again") from None
    scenario = before if path is None else _same_run(path, before, contract, folder)
    if checks:
        scenario = _by_checks(scenario, checks)
    options = ["--reuse", str(folder), *(word for name in checks for word in ("--check", name))]
    head = made(
        started=started,
        target=record.made.target,
        operator=operator or record.made.operator,
        command=shlex.join(["earlid", "run", *([str(path)] if path else []), *options]),
    )
    result = judged_again(record, scenario, contract, before=before, folder=folder, made=head, out=out)
    return Run(result=result, detector=make_detector(world_of(before)[0], ()))


def judged_again(
    record: Record, scenario: Scenario, contract: Contract, *, before: Scenario, folder: Path, made: Made, out: Path
) -> RunResult:
    """What the record says under the checks of `scenario`. What it does not hold is unknown."""
    case = Case(
        scenario=scenario,
        contract=contract,
        ledger=record.ledger,
        seen=record.seen,
        pace=record.pace,
        residual=record.residual,
        capabilities=CAPABILITIES,
        as_sent=False,
        compared=record.integrity,
        strangers=sum(record.hostile.values()),
        given=given(record, before),
    )
    return RunResult(
        scenario=scenario,
        contract=contract,
        verdicts=judge(case, scenario.judged_by),
        ledger=record.ledger,
        seen=record.seen,
        timing={},
        households=record.households,
        broker=record.broker,
        integrity=record.integrity,
        pace=record.pace,
        residual=record.residual,
        hostile=record.hostile,
        made=made,
        earlier=Earlier(
            folder=str(folder), started=record.made.started, verdict=record.verdict, redaction=record.redaction
        ),
        out=out,
    )


def given(record: Record, before: Scenario) -> Mapping[str, Verdict]:
    """The verdicts that cannot be reached again: of what was heard, and of what the run did not look at."""
    missing = [name for name in _ONLY_WHEN_ASKED if name not in before.judged_by]
    found = {name: _unknown(name) for name in missing}
    found["spoken_secrets"] = record.spoken or _unknown("spoken_secrets")
    return MappingProxyType(found)


def _unknown(check: str) -> Verdict:
    return Verdict(check=check, outcome=Outcome.UNKNOWN, examined=0, why=_NOT_RECORDED)


def _by_checks(scenario: Scenario, checks: Sequence[str]) -> Scenario:
    """The scenario with these checks alone. Its limits and expectations were written for others and are left out."""
    names = tuple(dict.fromkeys(map(is_check, checks)))
    asked = scenario.model_copy(update={"checks": names, "thresholds": (), "expect": None})
    for place, says in contradictions(asked):
        if place[0] == "checks":
            raise BadFile(f"--check {names[int(place[1])]}: {says}")
    return asked


def _same_run(path: Path, before: Scenario, contract: Contract, folder: Path) -> Scenario:
    """The file's scenario, which describes the run in all but how it is judged."""
    runs = prepare([path], seed=before.seed)
    named = [run for run in runs if run.name == before.name] or runs
    if len(named) != 1:
        names = ", ".join(run.name for run in runs)
        raise BadFile(f"{path}: {len(runs)} runs ({names}); none is called {before.name}, as the run in {folder} is")
    (run,) = named
    differing = _differing(run, before, contract)
    if differing:
        raise BadFile(
            f"{path}: {', '.join(differing)}: the run in {folder} had another; --reuse judges what was recorded, "
            "only checks, thresholds, expect, gating and limits of load may differ"
        )
    return run.scenario


def _differing(run: Prepared, before: Scenario, contract: Contract) -> list[str]:
    old, new = _of_the_run(before), _of_the_run(run.scenario)
    keys = [key for key in new if new[key] != old[key]]
    return keys + (["contract"] if run.judged_by.model_dump() != contract.model_dump() else [])


def _of_the_run(scenario: Scenario) -> dict[str, Any]:
    data = scenario.model_dump(mode="json", exclude=set(JUDGING))
    data["load"] = {key: value for key, value in data["load"].items() if key not in _LIMITS_OF_LOAD}
    return data
