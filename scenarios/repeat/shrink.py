"""`earlid shrink OUT`: the fewest utterances of a failed run that still fail the same way, as a scenario file."""

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from gateway.files import BadFile
from scenarios.commands.suite import chosen, own_target, variables
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


def shrink(out: Path) -> Path:
    """The file it wrote: OUT/shrunk.yaml.

    A run against somebody's own system is tried there. A run whose failing checks can be judged behind a pipe is tried
    there, a few seconds each; otherwise end to end.

    Raises:
        BadFile: no failed run there, or it does not fail again.
    """
    report = load_report(out)
    if report.made is None or report.verdict != "fail":
        raise BadFile(f"{out}: nothing failed there; verdict {report.verdict}")
    run, wanted = again(report.made.command), signature_of(report)
    own = own_target(run, target_of(report.made.command))
    world = world_of(run.scenario) if own is None else world_for(run.scenario, own.target, own.beside)
    labels = [said.utterance_id for said in world[1].utterances]
    console, store = Console(stderr=True, highlight=False), out / _TRIED
    known = _known(store)
    attempt = _attempt(run, wanted, out, own)

    def fails(only: Sequence[str]) -> bool:
        key = tuple(only)
        if key not in known:
            known[key] = attempt(key)
            with store.open("ab") as file:
                file.write(msgspec.json.encode(Tried(only=key, fails=known[key])) + b"\n")
        console.print(f"  {len(key)} utterances: {'fails' if known[key] else 'does not fail'}")
        return known[key]

    try:
        left = smallest(labels, fails)
    except ValueError:
        raise BadFile(f"{out}: it does not fail again the same way; was the contract or Earlid changed?") from None
    path = out / "shrunk.yaml"
    path.write_text(_text(run, left), encoding="utf-8")
    return path


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


def _attempt(run: Prepared, wanted: Signature, out: Path, own: OwnTarget | None) -> Callable[[tuple[str, ...]], bool]:
    checks = sorted({name for name, _ in wanted})
    on_parts = {event.do for event in run.scenario.timeline} - set(PLANNED)  # events that a pipe has no part for
    quick = own is None and set(checks) <= set(POSSIBLE) and not run.scenario.faults and not on_parts

    def attempt(only: tuple[str, ...]) -> bool:
        part = run.scenario.model_copy(update={"fleet": run.scenario.fleet.model_copy(update={"only": only})})
        if quick:
            (made,) = many_seeds(part, run.contract, [part.seed], checks)
            return same_way(made.verdicts, wanted)
        prepared, quiet = msgspec.structs.replace(run, scenario=part), Narrator(quiet=True)
        if own is not None:
            done = run_own(prepared, own, out=out / "shrink", options=Options(), narrator=quiet)
        else:
            done = run_scenario(prepared, out=out / "shrink", options=Options(), narrator=quiet)
        return same_way(done.result.verdicts, wanted)

    return attempt


def _known(store: Path) -> dict[tuple[str, ...], bool]:
    lines = store.read_bytes().splitlines() if store.is_file() else []
    tried = [msgspec.json.decode(line, type=Tried) for line in lines]
    return {each.only: each.fails for each in tried}


def _text(run: Prepared, only: Sequence[str]) -> str:
    """A scenario file of its own: everything the run was, and `fleet.only`."""
    data = run.scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data |= {
        "scenario": 2,
        "name": f"{run.name[:56]}-shrunk",
        "contract": run.contract.model_dump(mode="json", by_alias=True),
    }
    data["fleet"] = {**data.get("fleet", {}), "only": list(only)}
    for place, contract in run.later.items():
        data["timeline"][place]["contract"] = contract.model_dump(mode="json", by_alias=True)
    data.pop("expect", None)
    return f"# The fewest utterances of {run.name} that fail the same way.\n" + json.dumps(data, indent=1) + "\n"
