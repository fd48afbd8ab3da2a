"""Several scenarios, one after another or side by side, and the table that puts them side by side."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.commands.side_by_side import Asked, Done, accepted, one, side_by_side, written
from scenarios.model.suite_files import Prepared
from scenarios.model.targets.target_file import Own, load_target_file
from scenarios.model.yaml_file import parse_document
from scenarios.own_system.own_run import OwnTarget
from scenarios.report.baseline import Baseline
from scenarios.report.checked import ran
from scenarios.report.document import document
from scenarios.report.grouped import groups
from scenarios.report.leaking import ReportLeaks
from scenarios.report.published.index import TRENDS, index_page, remembered, trend
from scenarios.report.published.page import compare
from scenarios.report.published.written import searched_or_refused
from scenarios.report.result import RunResult
from scenarios.report.shown.covered import block
from scenarios.report.shown.terminal import terminal
from scenarios.run.processes import ProcessDied
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, Run
from scenarios.verdict import Outcome
from simulator.links.fault_kinds import Schedule
from simulator.links.link import LinkError

_STYLE = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.UNKNOWN: "yellow"}


class NotWritten(BadFile):
    """Reports that could not be written: a full or read-only disk. The verdicts were printed all the same."""


def run_suite(
    runs: Sequence[Prepared],
    *,
    out: Path,
    options: Options,
    as_json: bool = False,
    baseline: Baseline | None = None,
    target: Path | None = None,
    jobs: int = 1,
) -> list[Outcome]:
    """Run every scenario, up to `jobs` at once; write each one's reports as soon as it is judged; say how it went.
    The final outcomes, in the order of `runs`.

    A `target` file of somebody's own system goes before what a scenario names. What a `baseline` accepts counts for
    no verdict, except in scenarios that must fail. Verdicts go to standard output, progress to standard error.

    Raises:
        NotWritten: after all of it, when a report could not be written. ReportLeaks: when one was not, because it would
            have named somebody or could not be searched to its end. The verdicts are printed all the same.
    """
    asked = [
        Asked(
            prepared=each,
            out=out / each.name,
            options=options,
            own=own_target(each, target),
            baseline=baseline,
        )
        for each in runs
    ]
    reached: list[Done] = []
    try:
        if jobs > 1:
            all_done = side_by_side(asked, jobs, Narrator(quiet=as_json).say, reached.append)
        else:
            all_done = _in_turn(asked, as_json, reached.append)
    except (BadFile, ProcessDied, LinkError, KeyboardInterrupt, SystemExit):
        if reached:  # a later run broke or was stopped; these are judged and written
            so_far = [each.run for each in reached]
            _index(out, [run.result for run in so_far], so_far, [], [])
            _say([run.result for run in so_far], as_json=as_json)
        raise
    done = [each.run for each in all_done]
    results = [run.result for run in done]
    for run in done:
        beside = _same_fleet(run.result, results)
        if len(beside) > 1:
            all_done.append(written(run, beside))
    troubles = [trouble for each in all_done for trouble in each.troubles]
    refused = [said for each in all_done for said in each.refused]
    _index(out, results, done, troubles, refused)
    return _ended(results, troubles, refused, as_json=as_json)


def judge_again(run: Run, *, as_json: bool, baseline: Baseline | None) -> list[Outcome]:
    """Write and say the new verdict of a finished run. Raises as `run_suite`."""
    run = accepted(run, baseline)
    done = written(run, [run.result])
    return _ended([done.run.result], done.troubles, done.refused, as_json=as_json)


def _in_turn(asked: Sequence[Asked], as_json: bool, reached: Callable[[Done], None]) -> list[Done]:
    done = []
    for each in asked:
        narrator, prepared = Narrator(quiet=as_json), each.prepared
        narrator.say(f"[bold]{prepared.name}[/bold]: contract {prepared.contract.name}, seed {prepared.scenario.seed}")
        done.append(one(each, narrator))
        reached(done[-1])
    return done


def _ended(
    results: Sequence[RunResult], troubles: Sequence[str], refused: Sequence[str], *, as_json: bool
) -> list[Outcome]:
    """Say the verdicts, then what could not be written."""
    _say(results, as_json=as_json)
    if refused:
        raise ReportLeaks("\n".join(dict.fromkeys(refused)))
    if troubles:
        raise NotWritten("\n".join(dict.fromkeys(troubles)))
    return [result.final for result in results]


def _say(results: Sequence[RunResult], *, as_json: bool) -> None:
    if as_json:
        reports = msgspec.json.encode([document(result) for result in results])
        print(msgspec.json.format(reports, indent=1).decode())  # noqa: T201
    else:
        tell(results)


def own_target(prepared: Prepared, target: Path | None) -> OwnTarget | None:
    """Somebody's own system, where the command line or the scenario names one; None for the built-in one.

    Raises:
        BadFile: the target file is not there, or wrong.
    """
    named = prepared.scenario.target
    path = target or (prepared.file.parent / named if named else None)
    found = None if path is None else load_target_file(path)
    return OwnTarget(target=found, beside=path.parent) if path is not None and isinstance(found, Own) else None


def load_schedule(path: Path) -> Schedule:
    """A run's faults.json. Raises BadFile: not there, or not such a file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Schedule)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadFile(f"{path}: not a run's faults.json") from None


def chosen(runs: Sequence[Prepared], only: Sequence[str]) -> list[Prepared]:
    """The runs of these names, all of them without names. Raises BadFile: there is none of one."""
    names = [run.name for run in runs]
    for name in only:
        if name not in names:
            raise BadFile(f"--only {name}: no such run; {nearest(name, names)}")
    return [run for run in runs if not only or run.name in only]


def same_again(**said: object) -> tuple[str, ...]:
    """The options that decide what runs, as they were given."""
    words: list[str] = []
    for name, value in said.items():
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                words.append(f"--{name}")
            elif each not in (None, False):
                words += [f"--{name}", str(each)]
    return tuple(words)


def variables(said: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE pairs, the values as YAML reads them. Raises BadFile: one is not of that form."""
    found: dict[str, Any] = {}
    for each in said:
        name, sign, value = each.partition("=")
        if not sign or not name.isidentifier():
            raise BadFile(f"--var {each}: NAME=VALUE is wanted")
        found[name] = parse_document(value, f"--var {name}").data
    return found


def _index(
    out: Path, results: Sequence[RunResult], done: Sequence[Run], troubles: list[str], refused: list[str]
) -> None:
    """index.html over this suite's runs, beside what earlier ones left."""
    if not results:
        return
    now, before = [trend(result) for result in results], remembered(out)
    lines = b"".join(msgspec.json.encode(each) + b"\n" for each in (*before[-500:], *now))
    try:
        page = index_page(now, before).encode()
        for run in done:
            searched_or_refused({"index.html": page, TRENDS: lines}, run.detector)
        out.mkdir(parents=True, exist_ok=True)
        (out / "index.html").write_bytes(page)
        (out / TRENDS).write_bytes(lines)
    except OSError as error:
        troubles.append(f"{out / 'index.html'}: could not be written ({error.strerror})")
    except ReportLeaks as error:
        refused.append(f"{out}: {error}")


def _same_fleet(result: RunResult, results: Sequence[RunResult]) -> list[RunResult]:
    """Runs that may stand side by side: the same world under another contract."""

    def world(of: RunResult) -> tuple[object, ...]:
        return of.scenario.seed, of.scenario.fleet, of.scenario.faults, of.scenario.timeline

    return [other for other in results if world(other) == world(result)]


def tell(results: Sequence[RunResult]) -> None:
    """The verdicts, on standard output."""
    console = terminal()
    if len(results) <= 6:
        table = Table(title="", show_lines=False, pad_edge=False)
        table.add_column("")
        for result in results:
            table.add_column(result.scenario.name, style=_STYLE[result.final], overflow="fold")
        for question, cells in compare(results):
            table.add_row(question, *cells)
        console.print(table)
    for result in results:
        _tell_one(result, console)


def _tell_one(result: RunResult, console: Console) -> None:
    colour = _STYLE[result.final]
    console.print(f"[bold]{result.scenario.name}[/bold]: [{colour}]{result.headline}[/{colour}]", soft_wrap=True)
    for line in result.unmet:
        console.print(f"  not as expected: {line}", markup=False, soft_wrap=True)
    for verdict in result.verdicts:
        if verdict.outcome is not Outcome.PASS:
            shade = _STYLE[verdict.outcome]
            console.print(f"  [{shade}]{verdict.outcome.value:<7}[/{shade}] {verdict.check}: ", end="", soft_wrap=True)
            console.print(verdict.why, markup=False, soft_wrap=True)
    for group in groups(result.findings):
        homes = f"{group.households} home" + ("" if group.households == 1 else "s")
        more = f" and {group.places - 1} more places" if group.places > 2 else " and 1 more place" * (group.places == 2)
        line = f"          {group.field}: {homes}; {group.evidence}; {group.where[0]}{more}"
        console.print(line, markup=False, soft_wrap=True)
    if ran(result, "leaks") or ran(result, "at_rest"):
        for line in block(result.seen.looked_for, result.seen.left_out, ()):
            console.print(f"  {line}", markup=False, soft_wrap=True)
    if (result.out / "report.html").is_file():
        console.print(f"  report: {result.out / 'report.html'}", soft_wrap=True, markup=False)
