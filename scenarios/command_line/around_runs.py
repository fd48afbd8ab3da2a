"""Commands around a run: check and new before it, up in its place, why after it."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from gateway.files import BadFile

BrokerOption = Annotated[str, typer.Option(help="auto (Mosquitto when found, else amqtt), mosquitto, amqtt, or a URL")]


def check_command(
    paths: Annotated[list[Path], typer.Argument(help="scenario or target files, folders or suite names")],
    seed: Annotated[int | None, typer.Option(help="another seed than the scenarios'", min=0)] = None,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE instead of a scenario's variable")] = None,
) -> None:
    """Read scenarios and say what they will do: who speaks, what befalls them, what is judged, how long it takes.

    Every fault of every file at once, with line and column, and exit 2.
    """
    from scenarios.commands.check import lines
    from scenarios.commands.probe import is_target, told
    from scenarios.commands.suite import variables
    from scenarios.model.suite_files import prepare

    targets = [path for path in paths if is_target(path)]
    for path in targets:
        typer.echo(told(path))
    scenarios = [path for path in paths if path not in targets]
    if scenarios:
        for line in lines(prepare(scenarios, variables=variables(var or []), seed=seed)):
            typer.echo(line)


def new_command(
    path: Annotated[Path, typer.Argument(help="the file to write, such as my-first.yaml")],
    kind: Annotated[
        str, typer.Option(help="privacy, incident, delivery, gating; own system: command, attached")
    ] = "privacy",
    contract: Annotated[str, typer.Option(help="a preset, or a file beside the new one")] = "strict",
    households: Annotated[int, typer.Option(min=1, max=100_000)] = 10,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    ask: Annotated[bool, typer.Option("--ask", help="ask for each of these")] = False,
) -> None:
    """Write a commented scenario to begin with, or the target file of a system of your own.

    \b
    Examples:
      earlid new my-first.yaml && earlid check my-first.yaml && earlid run my-first.yaml
      earlid new target.yaml --kind command        a system that the harness starts; attached: one that is there
    """
    from scenarios.commands.new import KINDS, TARGETS, Answers, write_new

    if ask:
        kind = typer.prompt(f"what is it to show ({', '.join(KINDS)})", default=kind)
    if ask and kind not in TARGETS:
        contract = typer.prompt("contract", default=contract)
        households = typer.prompt("households", default=households, type=int)
    write_new(path, Answers(name=path.stem, kind=kind, contract=contract, households=households, seed=seed))
    then = "reads it back" if kind in TARGETS else "says what it will do"
    typer.echo(f"{path}: written; `earlid check {shlex.quote(str(path))}` {then}")


def up_command(
    contract: Annotated[str, typer.Option(help="a preset or a .yaml file")] = "strict",
    households: Annotated[int, typer.Option(min=1, max=10_000)] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    broker: BrokerOption = "auto",
    tls: Annotated[bool, typer.Option("--tls", help="the private broker speaks TLS alone (Mosquitto)")] = False,
    port: Annotated[int, typer.Option(help="port of the review tool; 0 takes a free one", min=0, max=65535)] = 8080,
) -> None:
    """Start everything, let a small fleet speak, and leave it up to explore by hand until Ctrl-C."""
    from scenarios.commands.up import up
    from scenarios.run.target import load_target

    asked = load_target(None, broker=broker, tls=tls)
    up(contract=contract, households=households, seed=seed, asked=asked, port=port)


def why_command(
    utterance: Annotated[str | None, typer.Argument(help="an utterance's label, such as H07-D1-003")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="every utterance that ended as it should not")] = False,
    out: Annotated[Path | None, typer.Option(help="a run's folder, or one of runs; the newest that has it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    wav: Annotated[Path | None, typer.Option(help="write here what its device sent, for you alone")] = None,
    shown_wav: Annotated[Path | None, typer.Option(help="write here what a reviewer is shown of it")] = None,
) -> None:
    """One utterance's timeline, from what was said to who saw it: scores, contract keys, masked spans, audible ms.

    A run keeps no sound. --wav renders the simulated voice again, and --shown-wav lets the run's contract redact it
    again. Both are for runs of the built-in system, and write files of mode 0600.

    \b
    Examples:
      earlid why H07-D1-003
      earlid why --failed --out out/run/strict
      earlid why H07-D1-003 --wav said.wav --shown-wav shown.wav
    """
    from scenarios.repeat.sound_again import write_said, write_shown
    from scenarios.report.utterances.history import failed_in, find_run, read_history

    if (utterance is None) is not failed:
        raise BadFile("why: an utterance is wanted, or --failed")
    if utterance is None and (wav or shown_wav):
        raise BadFile("why --failed: --wav and --shown-wav are for one utterance, such as `earlid why H07-D1-003`")
    run = find_run(out, utterance)
    labels = failed_in(run) if utterance is None else [utterance]
    typer.echo(f"{run}: {len(labels)} utterances", err=True)
    for label in labels:
        if not as_json:
            typer.echo(label)
        for event in read_history(run, label):
            if as_json:
                said = {"utterance": label, "step": event.step, "what": event.what, "at_ms": event.at_ms}
                typer.echo(json.dumps(said))
            else:
                typer.echo(f"  {event.step:<8} {event.what}")
    if utterance is not None and wav is not None:
        write_said(run, utterance, wav)
    if utterance is not None and shown_wav is not None:
        write_shown(run, utterance, shown_wav)
