"""Commands of privacy reviewers: search, compare, prove the search, print schemas, read the documentation."""

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


class Mode(StrEnum):
    """Where a proxy stands."""

    reverse = "reverse"
    forward = "forward"


def scan_command(
    targets: Annotated[list[str], typer.Argument(help="files, folders, addresses, or - for standard input")],
    identities: Annotated[Path, typer.Option(help="who must not be found: identities.json or a needle file")],
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
    login: Annotated[Path | None, typer.Option(help="a file: how to sign in to the site; no password in it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="findings as JSON")] = False,
) -> None:
    """Search files, folders, archives, databases, a site or a stream for known identities, in any encoding.

    Files are known by their content and opened, one inside another. Exit 1 when something was found, 3 when
    something could not be opened or searched to the end.

    \b
    Examples:
      earlid scan --identities ids.json export/ access.log session.har clips.db
      earlid scan --identities ids.json --login login.yaml https://review.test.example
      pg_dump reviews | earlid scan --identities ids.json - --sarif findings.sarif
    """
    from scenarios.commands.scan import scan
    from scenarios.commands.scanning.asked import Asked

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
        login=login,
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


def proxy_command(
    identities: Annotated[Path, typer.Option(help="who must not be found: identities.json or a needle file")],
    to: Annotated[str, typer.Option(help="reverse: the site: http(s)://HOST[:PORT]")] = "",
    mode: Annotated[Mode, typer.Option(help="reverse: before one site; forward: clients use it for every site")] = (
        Mode.reverse
    ),
    listen: Annotated[str, typer.Option(help="127.0.0.1:PORT; port 0: any that is free")] = "127.0.0.1:8090",
    out: Annotated[Path | None, typer.Option(help="folder for load.json, load.html, junit.xml")] = None,
    spool: Annotated[Path | None, typer.Option(help="one JSON line an answer goes here, never a body")] = None,
    role: Annotated[str, typer.Option(help="who asks, unless X-Earlid-Role says so")] = "user",
    insecure: Annotated[bool, typer.Option("--insecure", help="take any certificate of the site")] = False,
    ca: Annotated[Path | None, typer.Option(help="forward: folder of its certificates; default: ~/.earlid/ca")] = None,
) -> None:
    """A proxy: what sites answer to k6, Playwright or a browser is searched on its way.

    Ends with SIGINT or SIGTERM, and says then what was found: exit 1. `forward` needs the program mitmdump, and speaks
    HTTP/2 too; a client must trust the certificate it names. `reverse` speaks HTTP/1.1 and WebSocket.

    \b
    Examples:
      earlid proxy --identities ids.json --to https://staging.example --out out/browsed
      earlid proxy --identities ids.json --mode forward --out out/browsed
    """
    from scenarios.commands.proxy import forward_proxy, proxy

    if (mode is Mode.reverse) is not bool(to):
        raise BadFile("--to: wanted with --mode reverse, and only there")
    if mode is Mode.forward:
        authority = ca or Path.home() / ".earlid" / "ca"
        code = forward_proxy(
            identities, listen=listen, out=out, spool=spool, role=role, insecure=insecure, authority=authority
        )
        raise typer.Exit(code)
    code = proxy(identities, to, listen=listen, out=out, spool=spool, role=role, insecure=insecure)
    raise typer.Exit(code)


def load_command(
    what: Annotated[str, typer.Argument(help="diff or report")],
    run: Annotated[Path, typer.Argument(help="an out folder of `earlid locust`, or its load.json")],
    after: Annotated[Path | None, typer.Argument(help="diff: another one")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the difference as JSON")] = False,
) -> None:
    """Compare two load tests with intervals, or write the report of one anew.

    \b
    Examples:
      earlid load diff out/before out/after
      earlid load report out/after
    """
    from scenarios.commands.load import diff, report

    if what not in ("diff", "report") or (what == "diff") is not (after is not None):
        raise BadFile(f"load {what}: allowed: diff BEFORE AFTER, report RUN")
    outcome = diff(run, after, as_json=as_json) if after is not None else report(run)
    raise typer.Exit(EXIT_CODES[outcome])


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
    what: Annotated[str, typer.Argument(help="scenario, contract, target, identities, report, twin, slo or load")],
) -> None:
    """Print the JSON Schema of a file, for editors and programs."""
    from scenarios.commands.documentation.schemas import schema

    typer.echo(json.dumps(schema(what), indent=1))


def docs_command(
    out: Annotated[
        Path | None, typer.Option(help="write the site into this folder and end; left out: serve it")
    ] = None,
    port: Annotated[int, typer.Option(help="port on this machine", min=0, max=65535)] = 8020,
) -> None:
    """The documentation as a site with a search box, on this machine alone. Needs earlid[docs] and a checkout.

    \b
    Example: earlid docs --port 8020
    """
    from scenarios.commands.documentation.site import docs

    docs(out, port)


def needles_command(
    what: Annotated[str, typer.Argument(help="build")],
    identities: Annotated[Path, typer.Argument(help="identities.json: who must not be found")],
    out: Annotated[Path | None, typer.Option(help="the needle file; left out: beside, ending in .needles")] = None,
    key: Annotated[Path | None, typer.Option(help="the file of its key; left out: beside, ending in .key")] = None,
    hashes: Annotated[bool, typer.Option("--hashes", help="hash every value now, not when the first is met")] = False,
) -> None:
    """Make a needle file, which every command takes in place of identities.json and loads in a fraction of the time.

    It holds no value that can be read without its key. The key is made on first use (mode 0600). Keep it, and give it
    to nobody who may not see the identities. Another place for it is named by EARLID_NEEDLES_KEY.

    \b
    Example: earlid needles build ids.json --out ids.needles
    """
    from scenarios.commands.scanning.needles import build

    if what != "build":
        raise BadFile(f"needles {what}: allowed: build IDENTITIES")
    typer.echo(build(identities, out=out, key=key, hashes=hashes))
