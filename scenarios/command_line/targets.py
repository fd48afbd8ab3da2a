"""Commands about somebody's own system: probe it, judge what it kept."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.files import BadFile
from scenarios.verdict import EXIT_CODES

OutOption = Annotated[Path, typer.Option(help="folder for the reports")]


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
