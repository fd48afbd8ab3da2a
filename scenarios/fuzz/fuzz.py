"""`earlid fuzz`: scenarios drawn at random against a target, until an invariant breaks or the time is up."""

import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec
import typer

from gateway.fault_words import nearest
from gateway.files import BadFile
from gateway.identities import load_identities
from scenarios.commands.side_by_side import Asked, one
from scenarios.fuzz.drawn import INVARIANTS, scenario_files
from scenarios.fuzz.search import Broken, Search, text
from scenarios.fuzz.tries import OnOwnSystem, Piped, Try
from scenarios.model.contract_file import contract_named
from scenarios.model.suite_files import prepare_file
from scenarios.model.targets.target_file import Command, Own, load_target_file
from scenarios.own_system.drive import world_for
from scenarios.own_system.own_run import OwnTarget
from scenarios.repeat.shrink import same_way
from scenarios.run.processes import ProcessDied
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options
from scenarios.run.world import world_of
from scenarios.verdict import Outcome
from simulator.links.link import LinkError

FOUND = "found.yaml"


class Fuzz(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says. Without a `contract` they are drawn as well, where the target takes one."""

    target: Path | None
    minutes: float
    most: int | None
    seed: int
    contract: str | None
    checks: tuple[str, ...]
    out: Path


def fuzz(asked: Fuzz) -> Outcome:
    """Search, make small, save, run again, and say how it went. Verdicts go to standard output.

    Raises:
        BadFile: a wrong option or file. ProcessDied, LinkError: the system under test has ended.
    """
    for name in asked.checks:
        if name not in INVARIANTS:
            raise BadFile(f"--check {name}: {nearest(name, INVARIANTS)}")
    contract = None if asked.contract is None else _contract(asked.contract)
    found = None if asked.target is None else load_target_file(asked.target)
    own = OwnTarget(target=found, beside=asked.target.parent) if asked.target and isinstance(found, Own) else None
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / FOUND).unlink(missing_ok=True)
    narrator = Narrator()
    attempt: Try = Piped() if own is None else OnOwnSystem(own)
    known = None if own is None or own.target.identities is None else len(_households(own))
    drawn = scenario_files(
        contract=contract or (None if own is None or _takes_contract(own.target) else "strict"),
        checks=asked.checks,
        with_faults=own is None or own.target.receipts,
        with_timeline=known is None,
        households=known,
    )
    with attempt, _kept(Search(attempt, asked.out, tell=lambda line: narrator.say(f"  {line}")), asked) as search:
        search.look(drawn, seed=asked.seed, seconds=asked.minutes * 60, most=asked.most)
        if search.broken is not None:
            search.fewest(_labels(search.broken, own), seconds=asked.minutes * 30)
    if search.broken is None:
        return _held(search, asked)
    return _again(search, asked, own, narrator)


@contextmanager
def _kept(search: Search, asked: Fuzz) -> Iterator[Search]:
    """Whatever ends the search: what it found is written, and how far it came is said."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    def stop(sign: int, frame: FrameType | None) -> None:
        search.stopped = True
        raises = before[signal.Signals(sign)]
        if callable(raises):
            raises(sign, frame)
        raise KeyboardInterrupt

    def ignored(lost: "sys.UnraisableHookArgs") -> None:
        """Where Python drops an interrupt (Hypothesis counts garbage collections), `stopped` ends the search."""
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            told(lost)

    told, sys.unraisablehook = sys.unraisablehook, ignored
    for each in before:
        signal.signal(each, stop)
    try:
        yield search
    except (KeyboardInterrupt, SystemExit):
        typer.echo(f"fuzz: stopped after {_tries(search)}; {'one failed' if search.broken else 'none failed'}")
        raise
    except (ProcessDied, LinkError):
        trying = asked.out / "trying.yaml"
        if trying.exists():
            trying.replace(asked.out / "ended.yaml")
            typer.echo(f"fuzz: the system ended or did not answer; {asked.out / 'ended.yaml'} is what it was sent")
        raise
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        sys.unraisablehook = told
        if search.broken is not None:
            _write(search.broken, asked)
        search.close()


def _write(broken: Broken, asked: Fuzz) -> None:
    failing = [v for v in broken.verdicts if v.outcome is Outcome.FAIL]
    about = [f"Found by `earlid fuzz --seed {asked.seed}`."]
    about += [f"{verdict.check} fails: {verdict.why}" for verdict in failing]
    said = {**broken.said, "name": "found", "about": "A small scenario that breaks an invariant."}
    (asked.out / FOUND).write_text(text(said, about), encoding="utf-8")


def _held(search: Search, asked: Fuzz) -> Outcome:
    never = [check for check in asked.checks if not search.held.get(check)]
    held = [f"{check} held in {search.held[check]}" for check in asked.checks if search.held.get(check)]
    typer.echo(f"fuzz: {_tries(search)}, none failed (seed {asked.seed}); {', '.join(held) or 'nothing was judged'}")
    for check in never:
        typer.echo(f"fuzz: {check}: not checked: {search.open_.get(check, 'no scenario was judged')}")
    return Outcome.UNKNOWN if never else Outcome.PASS


def _again(search: Search, asked: Fuzz, own: OwnTarget | None, narrator: Narrator) -> Outcome:
    """Say what failed, and whether the saved file fails the same way end to end."""
    first, small, path = search.first, search.broken, asked.out / FOUND
    if first is None or small is None:
        raise BadFile(f"{asked.out}: nothing was found there")
    for check in sorted({check for check, _ in small.signature}):
        why = next((verdict.why for verdict in small.verdicts if verdict.check == check), "")
        typer.echo(f"fuzz: scenario {first.nth} of seed {asked.seed} breaks {check}: {why}")
    count = len(small.run.scenario.fleet.only) or len(_labels(small, own))
    typer.echo(
        f"fuzz: {path}: made small in {search.tried - first.nth} tries; homes {_homes(small)}, utterances {count}"
    )
    run = Asked(prepared=prepare_file(path)[0], out=asked.out / "run", options=Options(), own=own)
    result = one(run, narrator).run.result
    same = same_way(result.verdicts, small.signature)
    typer.echo(f"fuzz: run again end to end, it {'fails the same way' if same else 'does not fail the same way'}")
    target = ["--target", str(asked.target)] if asked.target else []
    typer.echo("fuzz: " + shlex.join(["earlid", "run", str(path), *target, "--out", str(asked.out / "run")]))
    return Outcome.FAIL


def _tries(search: Search) -> str:
    return f"{search.tried} scenario{'' if search.tried == 1 else 's'} in {search.seconds / 60:.1f} minutes"


def _homes(broken: Broken) -> int:
    only = broken.run.scenario.fleet.only
    return len({label.partition("-")[0] for label in only}) or broken.run.scenario.fleet.size


def _labels(broken: Broken, own: OwnTarget | None) -> Sequence[str]:
    scenario = broken.run.scenario
    plan = world_of(scenario)[1] if own is None else world_for(scenario, own.target, own.beside)[1]
    return [said.utterance_id for said in plan.utterances]


def _households(own: OwnTarget) -> Sequence[object]:
    return load_identities(own.beside / (own.target.identities or "")).households


def _takes_contract(target: Own) -> bool:
    """Whether the system is given the run's contract. Another one is judged by its own, which nobody may vary."""
    return isinstance(target, Command) and any("{contract}" in word for part in target.parts for word in part.run)


def _contract(said: str) -> str:
    """A preset, or the whole path of a file. Raises BadFile: there is no such contract."""
    contract_named(said)
    return str(Path(said).resolve()) if "/" in said or said.endswith((".yaml", ".yml", ".json")) else said
