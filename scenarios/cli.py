"""The command line: `earlid run|up|why|scan|locust|...`. Exit 0 pass, 1 fail, 2 bad usage or input, 3 unknown."""

import json
import os
import shlex
import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from gateway.files import BadFile
from scenarios.commands.overview import ABOUT, EPILOG, CommandsByUser, missing_part, print_version
from scenarios.run.processes import ProcessDied
from scenarios.verdict import EXIT_CODES, combine

app = typer.Typer(
    cls=CommandsByUser,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=ABOUT,
    epilog=EPILOG,
)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


class Level(StrEnum):
    """Severities, the least first."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class Grouping(StrEnum):
    """What a row of a table stands for."""

    finding = "finding"
    value = "value"


OutOption = Annotated[Path, typer.Option(help="folder for the reports")]
BrokerOption = Annotated[str, typer.Option(help="auto (Mosquitto when found, else amqtt), mosquitto, amqtt, or a URL")]


@app.callback()
def top_level(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    pass


@app.command("run")
def run_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="scenario files, folders or suite names")] = None,
    out: OutOption = Path("out/run"),
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
    operator: Annotated[str | None, typer.Option(help="who ran it, for the report's head")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the reports as one JSON list")] = False,
) -> None:
    """Run scenarios end to end and judge them: fleet, gateway, review tool, load, leak search, report.

    Without a path it runs the smoke suite. Each run leaves report.html, report.json, junit.xml, findings.sarif,
    history.jsonl, logs/ and, where faults befell the fleet, faults.json in OUT/<scenario>/.

    \b
    Examples:
      earlid run                                   the smoke suite
      earlid run smoke --seed 7 --broker amqtt     another world, the embedded broker
      earlid run incidents faults --tls            what was reported of others; a rough network
      earlid run my-scenario.yaml --json | jq .
    """
    from scenarios.commands.suite import chosen, load_schedule, run_suite, same_again, variables
    from scenarios.model.suite_files import prepare
    from scenarios.report.baseline import load_baseline
    from scenarios.run.scenario_run import Options
    from scenarios.run.target import load_target

    named = target is not None or broker is not None or tls or ca is not None
    options = Options(
        target=load_target(target, broker=broker, tls=tls, ca=ca) if named else None,
        port=port,
        keep_truth=keep_truth,
        replay=load_schedule(replay) if replay else None,
        operator=operator,
        command=same_again(target=target, broker=broker, tls=tls, ca=ca, replay=replay, var=var),
    )
    accepted = load_baseline(baseline) if baseline else None
    finals = run_suite(
        chosen(prepare(paths or [Path("smoke")], variables=variables(var or []), seed=seed), only or []),
        out=out,
        options=options,
        as_json=as_json,
        baseline=accepted,
    )
    raise typer.Exit(EXIT_CODES[combine(finals)])


@app.command("shrink")
def shrink_command(
    out: Annotated[Path, typer.Argument(help="the out folder of one failed run")],
) -> None:
    """Find the fewest utterances of a failed run that still fail the same way; writes OUT/shrunk.yaml.

    Tries are remembered in OUT/shrink.jsonl: what was stopped goes on where it was.
    """
    from scenarios.commands.shrink import shrink

    path = shrink(out)
    typer.echo(f"{path}: `earlid run {shlex.quote(str(path))}` runs it")


@app.command("check")
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


@app.command("new")
def new_command(
    path: Annotated[Path, typer.Argument(help="the file to write, such as my-first.yaml")],
    kind: Annotated[str, typer.Option(help="privacy, incident, delivery or gating")] = "privacy",
    contract: Annotated[str, typer.Option(help="a preset, or a file beside the new one")] = "strict",
    households: Annotated[int, typer.Option(min=1, max=100_000)] = 10,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    ask: Annotated[bool, typer.Option("--ask", help="ask for each of these")] = False,
) -> None:
    """Write a commented scenario to begin with.

    \b
    Example: earlid new my-first.yaml && earlid check my-first.yaml && earlid run my-first.yaml
    """
    from scenarios.commands.new import KINDS, Answers, write_new

    if ask:
        kind = typer.prompt(f"what is it to show ({', '.join(KINDS)})", default=kind)
        contract = typer.prompt("contract", default=contract)
        households = typer.prompt("households", default=households, type=int)
    write_new(path, Answers(name=path.stem, kind=kind, contract=contract, households=households, seed=seed))
    typer.echo(f"{path}: written; `earlid check {path}` says what it will do")


@app.command("up")
def up_command(
    contract: Annotated[str, typer.Option(help="a preset or a .yaml file")] = "strict",
    households: Annotated[int, typer.Option(min=1, max=10_000)] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    broker: BrokerOption = "auto",
    tls: Annotated[bool, typer.Option("--tls", help="the private broker speaks TLS alone (Mosquitto)")] = False,
    port: Annotated[int, typer.Option(help="port of the review tool; 0 takes a free one", min=0, max=65535)] = 8080,
) -> None:
    """Start everything, let a small fleet speak, and leave it up to explore by hand until Ctrl-C."""
    from scenarios.run.target import load_target
    from scenarios.run.up import up

    asked = load_target(None, broker=broker, tls=tls)
    up(contract=contract, households=households, seed=seed, asked=asked, port=port)


@app.command("why")
def why_command(
    utterance: Annotated[str | None, typer.Argument(help="an utterance's label, such as H07-D1-003")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="every utterance that ended as it should not")] = False,
    out: Annotated[Path | None, typer.Option(help="a run's folder, or one of runs; the newest that has it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """One utterance's timeline, from what was said to who saw it.

    \b
    Examples:
      earlid why H07-D1-003
      earlid why --failed --out out/run/strict
    """
    from scenarios.report.history import failed_in, find_run, read_history

    if (utterance is None) is not failed:
        raise BadFile("why: an utterance is wanted, or --failed")
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


@app.command("rate")
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

    The gateway lives behind a pipe and there is no load: a few seconds a seed.
    """
    from scenarios.commands.rate import rate
    from scenarios.model.suite_files import prepare

    wanted = check or ["spoken_secrets"]
    outcome = rate(prepare([scenario])[0], range(first, first + seeds), wanted, most=most)
    raise typer.Exit(EXIT_CODES[outcome])


@app.command("judge")
def judge_command(
    truth: Annotated[Path, typer.Option(help="truth.json of the fleet, as run --keep-truth and simulate fleet write")],
    target: Annotated[Path, typer.Option(help="target file of kind attached: where kept clips can be read back")],
    contract: Annotated[str, typer.Option(help="a preset or a .yaml file")] = "strict",
    identities: Annotated[Path | None, typer.Option(help="who must not be found; beside the truth if left out")] = None,
    out: OutOption = Path("out/judge"),
    most_false_accepts: Annotated[
        float, typer.Option(help="share of false wakes that may be kept", min=0, max=1)
    ] = 0.5,
    most_false_rejects: Annotated[float, typer.Option(help="share of requests not heard", min=0, max=1)] = 0.1,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Judge your own gateway by the clips it kept of a fleet that was driven elsewhere.

    The target is read, never stopped, loaded or deleted from. What it cannot offer is not checked, and says why.

    \b
    Example: earlid judge --truth truth.json --target target.yaml --contract strict
    """
    from scenarios.commands.judge import Judge, judge_kept
    from scenarios.model.scenario import Gating

    gating = Gating(max_false_accept_share=most_false_accepts, max_false_reject_share=most_false_rejects)
    said = Judge(
        truth=truth,
        target=target,
        contract=contract,
        identities=identities,
        gating=gating,
        out=out,
        as_json=as_json,
    )
    raise typer.Exit(EXIT_CODES[judge_kept(said)])


@app.command("target")
def target_command(
    what: Annotated[str, typer.Argument(help="probe")],
    file: Annotated[Path, typer.Argument(help="a target file")],
) -> None:
    """Does a target answer, which checks does it make possible, and what is to be added for the others?

    It is read once, and nothing else is done to it.

    \b
    Example: earlid target probe target.yaml
    """
    from scenarios.commands.probe import probe

    if what != "probe":
        raise BadFile(f"target {what}: allowed: probe")
    outcome, lines = probe(file)
    for line in lines:
        typer.echo(line)
    raise typer.Exit(EXIT_CODES[outcome])


@app.command("scan")
def scan_command(
    targets: Annotated[list[str], typer.Argument(help="files, folders, addresses, or - for standard input")],
    identities: Annotated[Path, typer.Option(help="identities.json: who must not be found")],
    baseline: Annotated[Path | None, typer.Option(help="accepted findings, each with a reason and an end")] = None,
    write_baseline: Annotated[Path | None, typer.Option(help="accept what is found now, for 90 days")] = None,
    reason: Annotated[str, typer.Option(help="why --write-baseline accepts it")] = "",
    key: Annotated[Path | None, typer.Option(help="your key (made if missing): a baseline then covers values")] = None,
    labels: Annotated[Path | None, typer.Option(help="write here, for you alone, who is who in the report")] = None,
    sarif: Annotated[Path | None, typer.Option(help="write the findings here as SARIF 2.1.0")] = None,
    field: Annotated[list[str] | None, typer.Option(help="report this field alone; members. for all of them")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="a field, or a pattern of paths, not to report")] = None,
    accept_unread: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="may stay unread: picture, speech, encrypted, zip:damaged")
    ] = None,
    min_severity: Annotated[Level, typer.Option(help="report nothing below")] = Level.low,
    fail_at: Annotated[Level, typer.Option(help="exit 1 from here on")] = Level.low,
    by: Annotated[Grouping, typer.Option(help="a row for each finding, or for each value")] = Grouping.finding,
    follow: Annotated[bool, typer.Option("--follow", help="files that grow: tell as it comes, until Ctrl-C")] = False,
    jobs: Annotated[int, typer.Option(help="processes; 0: one for each core", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="findings as JSON")] = False,
) -> None:
    """Search files, folders, archives, databases, a site or a stream for known identities, in any encoding.

    Files are known by their content and opened, one inside another. Exit 1 when something was found, 3 when
    something could not be opened or searched to the end.

    \b
    Examples:
      earlid scan --identities ids.json export/ access.log session.har clips.db
      earlid scan --identities ids.json https://review.test.example
      pg_dump reviews | earlid scan --identities ids.json - --sarif findings.sarif
    """
    from scenarios.commands.scan import Asked, scan

    asked = Asked(
        as_json=as_json,
        baseline=baseline,
        write_baseline=write_baseline,
        reason=reason,
        key=key,
        labels=labels,
        sarif_to=sarif,
        fields=tuple(field or ()),
        ignore=tuple(ignore or ()),
        accept_unread=tuple(accept_unread or ()),
        min_severity=min_severity.value,
        fail_at=fail_at.value,
        by=by.value,
        jobs=jobs,
        follow=follow,
    )
    outcome = scan(identities, targets, asked)
    raise typer.Exit(EXIT_CODES[outcome])


@app.command("report")
def report_command(
    what: Annotated[str, typer.Argument(help="diff")],
    before: Annotated[Path, typer.Argument(help="an out folder, or its report.json")],
    after: Annotated[Path, typer.Argument(help="another one")],
    as_json: Annotated[bool, typer.Option("--json", help="the difference as JSON")] = False,
) -> None:
    """Compare two reports: findings that appeared, went away or changed. Exit 1 when any appeared."""
    from scenarios.commands.report import diff

    if what != "diff":
        raise BadFile(f"report {what}: allowed: diff")
    raise typer.Exit(EXIT_CODES[diff(before, after, as_json=as_json)])


@app.command("twin")
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


@app.command("scorecard")
def scorecard_command(
    seed: Annotated[int, typer.Option(help="another seed plants other values and chains", min=0)] = 1,
    chains: Annotated[int, typer.Option(help="random chains of encodings", min=0)] = 400,
    clean: Annotated[int, typer.Option(help="responses of the clean corpus", min=0)] = 1_000,
    mutants: Annotated[Path | None, typer.Option(help="folder of broken applications (its files are run)")] = None,
    drawn: Annotated[int, typer.Option("--grid", help="the grid, with so many chains of two and three", min=0)] = 0,
    day: Annotated[int | None, typer.Option("--grid-seed", help="another grid than today's", min=0)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the scorecard as JSON")] = False,
) -> None:
    """Prove the leak detector: planted leaks, a clean corpus, broken applications.

    Exit 1 when a planted leak was missed, something clean accused, or under 95 % of the mutants caught.

    \b
    Example: earlid scorecard --mutants tests/broken/mutants
    """
    from scenarios.commands.scorecard import scorecard

    outcome = scorecard(seed=seed, chains=chains, clean=clean, mutants=mutants, as_json=as_json, drawn=drawn, day=day)
    raise typer.Exit(EXIT_CODES[outcome])


@app.command("locust", context_settings=PASS_ON)
def locust_command(context: typer.Context) -> None:
    """Run your own, unchanged locustfile with every response searched for known identities.

    earlid locust --identities FILE -f LOCUSTFILE [locust's own options]
    """
    from scenarios.commands.locust import locust

    locust(context.args)


@app.command("leaks", context_settings=PASS_ON)
def leaks_command(context: typer.Context) -> None:
    """A search process for load tests and test suites: `earlid leaks serve`."""
    what, *options = context.args or ["--help"]
    if what not in ("serve", "--help"):
        raise BadFile(f"leaks {what}: allowed: serve")
    _become("scenarios.leaks.service", options if what == "serve" else ["--help"])


@app.command("simulate", context_settings=PASS_ON)
def simulate_command(context: typer.Context) -> None:
    """Households and fleets without the harness: `earlid simulate identities|fleet ...`."""
    _become("simulator", context.args)


@app.command("gateway", context_settings=PASS_ON)
def gateway_command(context: typer.Context) -> None:
    """The gateway alone, against anyone's broker and database."""
    _become("gateway", ["gateway", *context.args])


@app.command("status", context_settings=PASS_ON)
def status_command(context: typer.Context) -> None:
    """Why does nothing happen? What a running gateway saw of each site last."""
    _become("gateway", ["status", *context.args])


@app.command("vault", context_settings=PASS_ON)
def vault_command(context: typer.Context) -> None:
    """The vault alone: identities in a process of their own."""
    _become("gateway", ["vault", *context.args])


@app.command("review", context_settings=PASS_ON)
def review_command(context: typer.Context) -> None:
    """The review tool alone, on anyone's clip store."""
    _become("gateway", ["review", *context.args])


@app.command("accounts", context_settings=PASS_ON)
def accounts_command(context: typer.Context) -> None:
    """Make accounts for the review tool."""
    _become("gateway", ["accounts", *context.args])


@app.command("contract", context_settings=PASS_ON)
def contract_command(context: typer.Context) -> None:
    """Show, check and compare contracts: `earlid contract show|check|diff`."""
    _become("gateway", ["contract", *context.args])


@app.command("audit", context_settings=PASS_ON)
def audit_command(context: typer.Context) -> None:
    """Verify an audit log, print its signed head: `earlid audit verify|head`."""
    _become("gateway", ["audit", *context.args])


@app.command("custody", context_settings=PASS_ON)
def custody_command(context: typer.Context) -> None:
    """Seal identities, forget a household, sweep, open a case: `earlid custody seal|rotate|forget|sweep|case`."""
    _become("gateway", ["custody", *context.args])


@app.command("schema")
def schema_command(
    what: Annotated[str, typer.Argument(help="scenario, contract, target, identities, report or twin")],
) -> None:
    """Print the JSON Schema of a file, for editors and programs."""
    from scenarios.commands.schemas import schema

    typer.echo(json.dumps(schema(what), indent=1))


def _become(module: str, args: list[str]) -> None:
    """Replace this process by `python -m module`, so that signals and exit codes are its own.

    `-P` keeps the current folder off the path: a user's own `gateway/` must not be imported.
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *args])  # noqa: S606 (no shell, our own module)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(143)


def main() -> None:
    """Run the command line.

    One line and exit 2 for what a person has to mend; 3 when a part of the run is gone; never a traceback."""
    from scenarios.report.leaking import ReportLeaks
    from simulator.links.faults import ReplayError
    from simulator.links.link import LinkError

    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except BadFile as error:
        _fail(error, 2)
    except (LinkError, ReplayError) as error:
        _fail(error, 2)
    except ReportLeaks as error:
        _fail(error, 1)
    except ProcessDied as error:
        _fail(error, error.exit_code)
    except OSError as error:
        _fail(_disk(error), 2)
    except ModuleNotFoundError as error:
        _fail(missing_part(error), 2)
    except KeyboardInterrupt:
        _fail("stopped; everything that was started is gone", 130)


def _fail(said: Any, code: int) -> None:
    from scenarios.report.shown.escaped import visible

    for line in str(said).splitlines():
        typer.echo(f"earlid: {visible(line)}", err=True)
    sys.exit(code)


def _disk(error: OSError) -> str:
    """A full disk, a read-only folder, a path that is no folder."""
    return f"{error.filename or 'the disk'}: {error.strerror or type(error).__name__}"
