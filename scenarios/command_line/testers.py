"""Commands of QA engineers: scenarios, from a first file to a smallest failing run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.files import BadFile
from scenarios.verdict import EXIT_CODES, combine

if TYPE_CHECKING:
    from scenarios.run.scenario_run import Run


def run_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="scenario files, folders or suite names")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the reports; out/run, with --reuse OUT/again")] = None,
    seed: Annotated[int | None, typer.Option(help="another seed than the scenarios'", min=0)] = None,
    target: Annotated[Path | None, typer.Option(help="target file; the built-in system without it")] = None,
    broker: Annotated[str | None, typer.Option(help="auto, mosquitto, amqtt or a URL instead of the target's")] = None,
    tls: Annotated[bool, typer.Option("--tls", help="the private broker speaks TLS alone (Mosquitto)")] = False,
    ca: Annotated[Path | None, typer.Option(help="certificate that signs that of a broker at mqtts://")] = None,
    port: Annotated[int, typer.Option(help="port of the review tool; 0 takes a free one", min=0, max=65535)] = 0,
    keep_truth: Annotated[Path | None, typer.Option(help="keep the answer key here (it names everybody)")] = None,
    replay: Annotated[Path | None, typer.Option(help="a run's faults.json: just that goes wrong again")] = None,
    baseline: Annotated[Path | None, typer.Option(help="accepted findings, each with a reason and an end")] = None,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE instead of a scenario's variable")] = None,
    only: Annotated[list[str] | None, typer.Option(help="runs of these names alone: cells of a matrix")] = None,
    reuse: Annotated[
        Path | None, typer.Option(help="judge the finished run of this out folder again; run none")
    ] = None,
    check: Annotated[list[str] | None, typer.Option(help="with --reuse: judge by this check alone")] = None,
    jobs: Annotated[int, typer.Option(help="so many runs side by side; each takes about one core", min=1, max=64)] = 1,
    operator: Annotated[str | None, typer.Option(help="who ran it, for the report's head")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the reports as one JSON list")] = False,
) -> None:
    """Run scenarios end to end and judge them: fleet, gateway, review tool, load, leak search, report.

    Without a path it runs the smoke suite. Each run leaves report.html, report.json, junit.xml, findings.sarif,
    history.jsonl, record.json, logs/ and, where faults befell the fleet, faults.json in OUT/<scenario>/.

    \b
    Examples:
      earlid run                                   the smoke suite
      earlid run smoke --seed 7 --broker amqtt     another world, the embedded broker
      earlid run incidents --jobs 4                four runs at a time; the results stand in the files' order
      earlid run incidents faults --tls            what was reported of others; a rough network
      earlid run my-scenario.yaml --json | jq .
      earlid run my-scenario.yaml --reuse out/run/mine   its checks and limits as they are now, nothing runs
      earlid run --reuse out/run/mine --check gating     one check, over what the run has recorded
    """
    from scenarios.commands.suite import chosen, judge_again, load_schedule, run_suite, same_again, variables
    from scenarios.model.suite_files import prepare
    from scenarios.model.targets.target_file import Own, load_target_file
    from scenarios.report.baseline import load_baseline
    from scenarios.run.scenario_run import Options
    from scenarios.run.target import load_target

    accepted = load_baseline(baseline) if baseline else None
    if reuse is not None:
        ignored = {
            "--seed": seed is not None,
            "--target": target is not None,
            "--broker": broker is not None,
            "--tls": tls,
            "--ca": ca is not None,
            "--port": port != 0,
            "--keep-truth": keep_truth is not None,
            "--replay": replay is not None,
            "--var": bool(var),
            "--only": bool(only),
            "--jobs": jobs != 1,
        }
        again = _rejudged(reuse, paths or [], ignored, check or [], out or reuse / "again", operator)
        raise typer.Exit(EXIT_CODES[combine(judge_again(again, as_json=as_json, baseline=accepted))])
    if jobs > 1 and (port or keep_truth is not None):
        raise BadFile(f"--jobs {jobs}: goes with no --port and no --keep-truth, which are one run's")
    if check:
        raise BadFile("--check: goes with --reuse; a scenario's `checks` say what judges a run")
    own = target if target is not None and isinstance(load_target_file(target), Own) else None
    if own is not None and (broker is not None or tls or ca is not None):
        raise BadFile(f"{own}: --broker, --tls and --ca are for the built-in system; the target file says them")
    named = own is None and (target is not None or broker is not None or tls or ca is not None)
    options = Options(
        target=load_target(target, broker=broker, tls=tls, ca=ca) if named else None,
        port=port,
        keep_truth=keep_truth,
        replay=load_schedule(replay) if replay else None,
        operator=operator,
        command=same_again(target=target, broker=broker, tls=tls, ca=ca, replay=replay, var=var),
    )
    finals = run_suite(
        chosen(prepare(paths or [Path("smoke")], variables=variables(var or []), seed=seed), only or []),
        out=out or Path("out/run"),
        options=options,
        as_json=as_json,
        baseline=accepted,
        target=own,
        jobs=jobs,
    )
    raise typer.Exit(EXIT_CODES[combine(finals)])


def _rejudged(
    folder: Path,
    paths: Sequence[Path],
    ignored: Mapping[str, bool],
    checks: Sequence[str],
    out: Path,
    operator: str | None,
) -> "Run":
    """The finished run of `folder`, judged again. Raises BadFile: an option of `ignored` was given, or two files."""
    from scenarios.repeat.rejudge import rejudge

    if said := [name for name, given in ignored.items() if given]:
        raise BadFile(f"{', '.join(said)}: not with --reuse, which runs nothing")
    if len(paths) > 1:
        raise BadFile(f"{paths[1]}: --reuse judges one run; one scenario file is wanted at most")
    return rejudge(folder, path=paths[0] if paths else None, checks=checks, out=out, operator=operator)


def shrink_command(
    out: Annotated[Path, typer.Argument(help="the out folder of one failed run")],
) -> None:
    """Find the fewest utterances, events and faults of a failed run that fail the same way; writes OUT/shrunk.yaml.

    Tries are remembered in OUT/shrink.jsonl: what was stopped goes on where it was.
    """
    from scenarios.repeat.shrink import command_for, shrink

    path = shrink(out)
    typer.echo(f"{path}: `{command_for(path, out)}` runs it")


def fuzz_command(
    target: Annotated[Path | None, typer.Option(help="a target file; left out: the built-in system")] = None,
    minutes: Annotated[float, typer.Option(help="how long scenarios are tried", min=0.01, max=10_080)] = 2.0,
    most: Annotated[int | None, typer.Option(help="so many scenarios at most", min=1)] = None,
    seed: Annotated[int, typer.Option(help="another seed draws other scenarios", min=0)] = 1,
    contract: Annotated[
        str | None,
        typer.Option(help="a preset or a .yaml file; left out: drawn around strict where a target takes one"),
    ] = None,
    check: Annotated[list[str] | None, typer.Option(help="leaks, conservation, should_not_exist; all of them")] = None,
    out: Annotated[Path, typer.Option(help="folder for found.yaml and its run")] = Path("out/fuzz"),
) -> None:
    """Try scenarios drawn at random until one breaks an invariant, make it small, save it, and run it again.

    Invariants: nothing leaks, every utterance has one end, nothing is stored that should not exist. The built-in system
    is tried behind a pipe, a few seconds a scenario; a system of your own as `earlid run` would. Making a failure
    small takes as long again at most. Exit 0: none failed; 1: one did; 3: a check was never possible, or the system
    ended.

    \b
    Examples:
      earlid fuzz --minutes 10                          the built-in system under contracts around strict
      earlid fuzz --target target.yaml --minutes 10     a system of your own
      earlid fuzz --contract amazon-2019-before         one that must fail
    """
    from scenarios.fuzz.drawn import INVARIANTS
    from scenarios.fuzz.fuzz import Fuzz, fuzz

    asked = Fuzz(
        target=target,
        minutes=minutes,
        most=most,
        seed=seed,
        contract=contract,
        checks=tuple(dict.fromkeys(check or INVARIANTS)),
        out=out,
    )
    raise typer.Exit(EXIT_CODES[fuzz(asked)])


def rate_command(
    scenario: Annotated[Path, typer.Argument(help="a scenario file")] = Path("smoke/2-strict"),
    seeds: Annotated[int, typer.Option(help="how many", min=1, max=100_000)] = 200,
    first: Annotated[int, typer.Option(help="the first of them", min=0)] = 1,
    check: Annotated[
        list[str] | None, typer.Option(help="conservation, should_not_exist, gating, spoken_secrets")
    ] = None,
    most: Annotated[float, typer.Option(help="the share of seeds that may fail", min=0, max=1)] = 0.01,
) -> None:
    """How often a check fails over many seeds, with its interval: the nightly answer to "was that bad luck?".

    The gateway lives behind a pipe and there is no load: a few seconds a seed. Of a matrix the first cell is run.
    """
    from scenarios.commands.rate import rate
    from scenarios.model.suite_files import prepare

    wanted = check or ["spoken_secrets"]
    outcome = rate(prepare([scenario])[0], range(first, first + seeds), wanted, most=most)
    raise typer.Exit(EXIT_CODES[outcome])


def twin_command(
    scenarios: Annotated[list[Path] | None, typer.Argument(help="scenarios: contract, seed, kind of fleet")] = None,
    field: Annotated[list[str] | None, typer.Option(help="swap this field alone; may stand several times")] = None,
    spoken: Annotated[bool, typer.Option("--spoken", help="only the twin that says its secrets aloud")] = False,
    silent: Annotated[bool, typer.Option("--silent", help="only twins of fields nobody says")] = False,
    out: Annotated[Path, typer.Option(help="folder for twin.html, twin.json, findings.sarif")] = Path("out/twin"),
    seed: Annotated[int | None, typer.Option(help="another seed than the scenario's", min=0)] = None,
    households: Annotated[int, typer.Option(min=2, max=1_000)] = 4,
    utterances: Annotated[int, typer.Option(help="of each device", min=1, max=1_000)] = 3,
    broker: Annotated[str | None, typer.Option(help="processes on auto, mosquitto, amqtt or a URL; no pipe")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Do two fleets that differ in identities alone look the same to everybody? One field at a time names the leak.

    Whatever its encoding: nothing is decoded. Each world lives in one process of the gateway, behind a pipe.

    \b
    Examples:
      earlid twin                                             the strict contract of the smoke suite
      earlid twin my-scenario.yaml --field devices.serial     does the serial number change anything anybody sees?
    """
    from scenarios.commands.twin import Wanted, run_twins

    wanted = Wanted(
        out=out,
        which="both" if spoken == silent else "spoken" if spoken else "silent",
        fields=field or [],
        seed=seed,
        households=households,
        utterances=utterances,
        broker=broker,
    )
    outcome = run_twins(scenarios or [Path("smoke/2-strict.yaml")], wanted, as_json=as_json)
    raise typer.Exit(EXIT_CODES[outcome])
