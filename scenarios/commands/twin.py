"""`earlid twin`: are two fleets that differ in identities alone told apart by anything anybody is shown?"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec
from rich.console import Console

from scenarios.leaks.detector import LeakDetector
from scenarios.model.scenario import Scenario
from scenarios.model.suite_files import Prepared, prepare
from scenarios.report.published.written import write_searched
from scenarios.report.sarif import sarif
from scenarios.report.shown.terminal import terminal
from scenarios.run.target import load_target
from scenarios.run.world import fleet_settings
from scenarios.twin.live_world import LiveTwinWorld
from scenarios.twin.page import twin_page
from scenarios.twin.run import TwinReport, Which, Worlds, findings, twin
from scenarios.twin.world import TwinWorld, pipe_house
from scenarios.verdict import Outcome, combine
from simulator.world.households import make_identities

_STYLE = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.UNKNOWN: "yellow"}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line decides; `utterances` of each device; without a `broker` worlds live behind a pipe."""

    out: Path
    which: Which
    fields: Sequence[str]
    seed: int | None
    households: int
    utterances: int
    broker: str | None = None


def run_twins(scenarios: Sequence[Path], wanted: Wanted, *, as_json: bool) -> Outcome:
    """Every scenario found, one after another; its reports in OUT/<scenario>/. The worst outcome.

    Raises:
        BadFile: no such scenario, or a field no twin can swap. ProcessDied: the world broke.
    """
    files = prepare(list(scenarios))
    reports = [_run(file, wanted) for file in files]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(reports), indent=1).decode())  # noqa: T201
    else:
        console = terminal()
        for report in reports:
            _tell(report, console)
            console.print(f"  report: {wanted.out / report.scenario / 'twin.html'}", markup=False)
    return combine(report.outcome for report in reports)


def _run(file: Prepared, wanted: Wanted) -> TwinReport:
    worlds = _worlds(file, wanted)
    folder, detector = wanted.out / file.name, LeakDetector(worlds.identities)
    with _house(worlds, wanted, folder) as house, Console(stderr=True, highlight=False).status("setting up") as status:

        def tell(name: str) -> None:
            status.update(f"{file.name}: world {name}")

        report = twin(worlds, house, which=wanted.which, fields=wanted.fields, progress=tell)
    report = _masked(report, detector)
    texts = {
        "twin.html": twin_page(report).encode(),
        "twin.json": msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n",
        "findings.sarif": sarif(findings(report)),
    }
    write_searched(folder, texts, detector)
    return report


def _masked(report: TwinReport, detector: LeakDetector) -> TwinReport:
    """Parts of answers are called as the system calls them: what is called after somebody loses its name."""
    sides = tuple(
        msgspec.structs.replace(
            side,
            comparison=msgspec.structs.replace(
                side.comparison,
                differences=tuple(
                    msgspec.structs.replace(each, part=detector.masked(each.part))
                    for each in side.comparison.differences
                ),
            ),
        )
        for side in report.sides
    )
    masked: Counter[str] = Counter()
    for place, count in report.masked.items():
        masked[detector.masked(place)] += count
    return msgspec.structs.replace(report, sides=sides, masked=dict(masked))


def _house(worlds: Worlds, wanted: Wanted, folder: Path) -> AbstractContextManager[TwinWorld]:
    if wanted.broker is None:
        return pipe_house(worlds.contract)
    return nullcontext(LiveTwinWorld(worlds.contract, load_target(None, broker=wanted.broker), logs=folder / "logs"))


def _worlds(file: Prepared, wanted: Wanted) -> Worlds:
    """A small fleet of the scenario's kind; secrets in fixed slots, so that twins may speak."""
    scenario: Scenario = file.scenario
    if wanted.seed is not None:
        scenario = scenario.model_copy(update={"seed": wanted.seed})
    settings = msgspec.structs.replace(
        fleet_settings(scenario),
        households=wanted.households,
        utterances_per_device=wanted.utterances,
        fixed_slots=True,
    )
    identities = make_identities(seed=scenario.seed, households=wanted.households)
    return Worlds(scenario=scenario.name, contract=file.contract, identities=identities, settings=settings)


def _tell(report: TwinReport, console: Console) -> None:
    colour = _STYLE[report.outcome]
    console.print(
        f"[bold]{report.contract}[/bold]: [{colour}]{report.outcome.value.upper()}[/{colour}], "
        f"{report.households} households, {report.clips} clips, seed {report.seed}"
    )
    for side in report.sides:
        compared = side.comparison
        console.print(
            f"  [{_STYLE[side.outcome]}]{side.outcome.value:<7}[/{_STYLE[side.outcome]}] {side.name}: "
            f"{len(compared.differences)} differences in {compared.answers} answers, {compared.words:,} words "
            f"({compared.masked} random by themselves)"
        )
    for field in report.leaking:
        console.print(f"  leaking field: {field}", markup=False)
    for finding in findings(report)[:20]:
        line = f"  {finding.field}: {finding.where.kind} of {finding.where.name}; {finding.masked_evidence}"
        console.print(line, markup=False)
    if report.lengths is not None:
        told = report.lengths
        console.print(
            f"  not judged: what is said aloud changes the length of {told.changed} of {told.clips} clips, "
            f"by at most {told.at_most_ms} ms"
        )
    for gap in (*report.unsteady, *(f"{route}: never asked" for route in report.not_asked)):
        console.print(f"  not compared: {gap}", markup=False)
