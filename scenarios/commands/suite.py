"""Several scenarios, one after another, and the table that puts them side by side."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.table import Table

from gateway.files import BadFile
from scenarios.model.scenario import find_scenarios, load_scenario
from scenarios.report.baseline import Baseline, accept
from scenarios.report.document import document
from scenarios.report.grouped import groups
from scenarios.report.page import compare
from scenarios.report.result import RunResult
from scenarios.report.written import write_reports
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, Run, run_scenario
from scenarios.verdict import Outcome
from simulator.links.faults import Schedule

_STYLE = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.UNKNOWN: "yellow"}


def run_suite(
    paths: Sequence[Path],
    *,
    out: Path,
    seed: int | None,
    options: Options,
    as_json: bool = False,
    baseline: Baseline | None = None,
) -> list[Outcome]:
    """Run every scenario found under `paths`; write each one's reports; say how it went. The final outcomes.

    What a `baseline` accepts counts for no verdict, except in scenarios that must fail.

    Raises:
        BadFile: nothing to run, or a file is wrong: all are read before the first is run.
    """
    scenarios = [load_scenario(path) for path in find_scenarios(list(paths))]
    if seed is not None:
        scenarios = [scenario.model_copy(update={"seed": seed}) for scenario in scenarios]
    runs: list[Run] = []
    for scenario in scenarios:
        narrator = Narrator(quiet=as_json)
        narrator.say(f"[bold]{scenario.name}[/bold]: contract {scenario.contract}, seed {scenario.seed}")
        run = run_scenario(scenario, out=out / scenario.name, options=options, narrator=narrator)
        if baseline is not None:
            run = msgspec.structs.replace(run, result=accept(run.result, baseline, today=datetime.now(UTC).date()))
        runs.append(run)
    results = [run.result for run in runs]
    for run in runs:
        write_reports(run.result, _same_fleet(run.result, results), run.detector)
    if as_json:
        reports = msgspec.json.encode([document(result) for result in results])
        print(msgspec.json.format(reports, indent=1).decode())  # noqa: T201
    else:
        _tell(results)
    return [result.final for result in results]


def load_schedule(path: Path) -> Schedule:
    """A run's faults.json. Raises BadFile: not there, or not such a file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Schedule)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise BadFile(f"{path}: not a run's faults.json ({error})") from None


def _same_fleet(result: RunResult, results: Sequence[RunResult]) -> list[RunResult]:
    """Runs that may stand side by side: the same world under another contract."""
    key = (result.scenario.seed, result.scenario.fleet)
    return [other for other in results if (other.scenario.seed, other.scenario.fleet) == key]


def _tell(results: Sequence[RunResult]) -> None:
    narrator = Narrator()
    table = Table(title="", show_lines=False, pad_edge=False)
    table.add_column("")
    for result in results:
        table.add_column(result.contract.name, style=_STYLE[result.final], overflow="fold")
    for question, cells in compare(results):
        table.add_row(question, *cells)
    narrator.console.print(table)
    for result in results:
        _tell_one(result, narrator)


def _tell_one(result: RunResult, narrator: Narrator) -> None:
    narrator.say(f"[bold]{result.contract.name}[/bold]: {result.headline}")
    checks, findings = Table.grid(padding=(0, 2)), Table.grid(padding=(0, 2))
    for verdict in result.verdicts:
        if verdict.outcome is not Outcome.PASS:
            colour = _STYLE[verdict.outcome]
            checks.add_row("", f"[{colour}]{verdict.outcome.value}[/{colour}]", verdict.check, verdict.why)
    for group in groups(result.findings):
        findings.add_row("", "", group.field, f"{group.households} homes", group.evidence, group.where[0])
    for table in (checks, findings):
        if table.row_count:
            narrator.console.print(table)
    narrator.console.print(f"  report: {result.out / 'report.html'}", soft_wrap=True, markup=False)
