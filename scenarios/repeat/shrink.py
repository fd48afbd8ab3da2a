"""`earlid shrink OUT`: the least of a failed run that still fails the same way, as a scenario file.

Utterances go first, then events of the timeline, then faults. Homes stay: who lives in one depends on the whole fleet.
"""

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from gateway.files import BadFile
from scenarios.commands.side_by_side import alone_in
from scenarios.commands.suite import chosen, own_target, variables
from scenarios.model.scenario import contradictions
from scenarios.model.suite_files import Prepared, prepare
from scenarios.own_system.drive import world_for
from scenarios.own_system.events import PLANNED
from scenarios.own_system.own_run import OwnTarget, run_own
from scenarios.repeat.ddmin import smallest
from scenarios.report.difference import load_report
from scenarios.report.document import Report
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, run_scenario
from scenarios.run.world import world_of
from scenarios.twin.many_seeds import POSSIBLE, many_seeds
from scenarios.verdict import Outcome, Verdict

Signature = frozenset[tuple[str, str]]
_TRIED = "shrink.jsonl"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, so that a shrink that was stopped goes on where it was."""

    only: tuple[str, ...]
    fails: bool
    events: tuple[int, ...] | None = None  # places in the run's timeline; None: all of it
    faults: tuple[int, ...] | None = None

    @property
    def part(self) -> "Part":
        return Part(only=self.only, events=self.events, faults=self.faults)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a run: utterances, and places in its timeline and faults (None: all)."""

    only: tuple[str, ...]
    events: tuple[int, ...] | None = None
    faults: tuple[int, ...] | None = None


def shrink(out: Path) -> Path:
    """The file it wrote: OUT/shrunk.yaml.

    A run against somebody's own system is tried there. A run whose failing checks can be judged behind a pipe is tried
    there, a few seconds each; otherwise end to end.

    Raises:
        BadFile: no failed run there, it does not fail again, or another run or shrink is at work there.
    """
    report = load_report(out)
    if not out.is_dir():
        raise BadFile(f"{out}: the out folder of a run is wanted")
    with alone_in(out):
        return _shrunk(out, report)


def _shrunk(out: Path, report: Report) -> Path:
    if report.made is None or report.verdict != "fail":
        raise BadFile(f"{out}: nothing failed there; verdict {report.verdict}")
    run, wanted = again(report.made.command), signature_of(report)
    own = own_target(run, target_of(report.made.command))
    world = world_of(run.scenario) if own is None else world_for(run.scenario, own.target, own.beside)
    labels = [said.utterance_id for said in world[1].utterances]
    console, store = Console(stderr=True, highlight=False), out / _TRIED
    known = _known(store)
    attempt = _attempt(wanted, out, own)

    def fails(part: Part) -> bool:
        if part not in known:
            here = part_of(run, part)
            known[part] = not any(contradictions(here.scenario)) and attempt(here)
            _remember(store, part, known[part])
        left = [f"{len(part.only)} utterance{'' if len(part.only) == 1 else 's'}"]
        left += [
            f"{len(at)} {name}" for at, name in ((part.events, "events"), (part.faults, "faults")) if at is not None
        ]
        console.print(f"  {', '.join(left)}: {'fails' if known[part] else 'does not fail'}")
        return known[part]

    try:
        only = smallest(labels, lambda said: fails(Part(only=tuple(said))))
    except ValueError:
        raise BadFile(f"{out}: it does not fail again the same way; was the contract or Earlid changed?") from None
    left = Part(only=tuple(only))
    for name, count in (("events", len(run.scenario.timeline)), ("faults", len(run.scenario.faults))):
        left = _fewest(left, name, count, fails)
    path = out / "shrunk.yaml"
    path.write_text(_text(part_of(run, left)), encoding="utf-8")
    return path


def _counts(part: Part) -> str:
    events, faults = part.events, part.faults
    said = [f"{len(part.only)} utterance{'' if len(part.only) == 1 else 's'}"]
    said += [f"{len(at)} of the {name}" for at, name in ((events, "events"), (faults, "faults")) if at is not None]
    return ", ".join(said)


def _fewest(part: Part, name: str, count: int, fails: Callable[[Part], bool]) -> Part:
    """With the fewest of the run's `count` events (or faults) that still fail; without any where that fails too."""

    def without(places: Sequence[int]) -> Part:
        whole = len(places) == count
        return part if whole else msgspec.structs.replace(part, **{name: tuple(places)})

    if not count or fails(without(())):
        return without(()) if count else part
    return without(smallest(range(count), lambda places: fails(without(places))))


def part_of(run: Prepared, part: Part) -> Prepared:
    """The run with this part of it alone."""
    scenario = run.scenario
    events = range(len(scenario.timeline)) if part.events is None else part.events
    faults = range(len(scenario.faults)) if part.faults is None else part.faults
    left = {
        "fleet": scenario.fleet.model_copy(update={"only": part.only}),
        "timeline": tuple(scenario.timeline[at] for at in events),
        "faults": tuple(scenario.faults[at] for at in faults),
    }
    later = {now: run.later[at] for now, at in enumerate(events) if at in run.later}
    return msgspec.structs.replace(run, scenario=scenario.model_copy(update=left), later=later)


def signature_of(report: Report) -> Signature:
    """How it failed: failing checks with the fields they found."""
    return frozenset(
        (check.name, finding.field)
        for check in report.checks
        if check.outcome == "fail"
        for finding in check.findings or ()
    ) or frozenset((check.name, "") for check in report.checks if check.outcome == "fail")


def signature_in(verdicts: Sequence[Verdict]) -> Signature:
    """How it failed: failing checks, each with the fields it found. Empty where nothing failed."""
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    return frozenset((each.check, field) for each in failed for field in ({f.field for f in each.findings} or {""}))


def same_way(verdicts: Sequence[Verdict], wanted: Signature) -> bool:
    """Whether any of the failures is there again."""
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    found = {(verdict.check, finding.field) for verdict in failed for finding in verdict.findings}
    return bool(wanted & (found | {(verdict.check, "") for verdict in failed}))


def again(command: str) -> Prepared:
    """The run a report's own line runs. Raises BadFile: it is no such line, or its file is gone."""
    words = shlex.split(command)
    options: dict[str, list[str]] = {}
    paths: list[Path] = []
    rest = iter(words[2:])
    for word in rest:
        if word.startswith("--"):
            options.setdefault(word, []).append("" if word == "--tls" else next(rest, ""))
        else:
            paths.append(Path(word))
    seed = int(options["--seed"][0]) if "--seed" in options else None
    runs = prepare(paths, variables=variables(options.get("--var", [])), seed=seed)
    return chosen(runs, options.get("--only", []))[0]


def command_for(path: Path, out: Path) -> str:
    """The line that runs the file: on the target that the run of `out` had."""
    report = load_report(out)
    target = target_of(report.made.command) if report.made else None
    return shlex.join(["earlid", "run", str(path), *(["--target", str(target)] if target else [])])


def target_of(command: str) -> Path | None:
    """The target file that a report's own line names."""
    words = shlex.split(command)
    return Path(words[words.index("--target") + 1]) if "--target" in words[:-1] else None


def _attempt(wanted: Signature, out: Path, own: OwnTarget | None) -> Callable[[Prepared], bool]:
    checks = sorted({name for name, _ in wanted})

    def attempt(part: Prepared) -> bool:
        scenario = part.scenario
        on_parts = {event.do for event in scenario.timeline} - set(PLANNED)  # events that a pipe has no part for
        if own is None and set(checks) <= set(POSSIBLE) and not scenario.faults and not on_parts:
            (made,) = many_seeds(scenario, part.contract, [scenario.seed], checks)
            return same_way(made.verdicts, wanted)
        quiet = Narrator(quiet=True)
        if own is not None:
            done = run_own(part, own, out=out / "shrink", options=Options(), narrator=quiet)
        else:
            done = run_scenario(part, out=out / "shrink", options=Options(), narrator=quiet)
        return same_way(done.result.verdicts, wanted)

    return attempt


def _known(store: Path) -> dict[Part, bool]:
    """What was tried before. The last line may be half of one: a shrink that was killed, or a disk that was full."""
    found: dict[Part, bool] = {}
    for line in store.read_bytes().splitlines() if store.is_file() else ():
        try:
            tried = msgspec.json.decode(line, type=Tried)
        except msgspec.DecodeError:
            continue
        found[tried.part] = tried.fails
    return found


def _remember(store: Path, part: Part, failed: bool) -> None:
    torn = store.is_file() and not store.read_bytes().endswith(b"\n") and store.stat().st_size > 0
    tried = Tried(only=part.only, fails=failed, events=part.events, faults=part.faults)
    with store.open("ab") as file:
        file.write(b"\n" * torn + msgspec.json.encode(tried) + b"\n")


def _text(run: Prepared) -> str:
    """A scenario file of its own: everything the run was."""
    data = run.scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data |= {
        "scenario": 2,
        "name": f"{run.name[:56]}-shrunk",
        "contract": run.contract.model_dump(mode="json", by_alias=True),
    }
    for place, contract in run.later.items():
        data["timeline"][place]["contract"] = contract.model_dump(mode="json", by_alias=True)
    data.pop("expect", None)
    return f"# The least of {run.name} that fails the same way.\n" + json.dumps(data, indent=1) + "\n"
