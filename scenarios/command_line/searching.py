"""Commands of privacy reviewers: search, compare, prove the search, print schemas."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.files import BadFile
from scenarios.verdict import EXIT_CODES


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


def schema_command(
    what: Annotated[str, typer.Argument(help="scenario, contract, target, identities, report or twin")],
) -> None:
    """Print the JSON Schema of a file, for editors and programs."""
    from scenarios.commands.schemas import schema

    typer.echo(json.dumps(schema(what), indent=1))
