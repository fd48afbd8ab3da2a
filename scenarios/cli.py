"""The command line: the list of commands. Exit 0 pass, 1 fail, 2 bad usage or input, 3 unknown."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.ending import exit_at
from gateway.files import BadFile, reason_of
from scenarios.command_line import around_runs, parts, searching, targets, testers
from scenarios.command_line.extras import missing_part
from scenarios.commands.overview import ABOUT, EPILOG, CommandsByUser, print_version
from scenarios.run.processes import ProcessDied

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

COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("run", testers.run_command, "run scenarios end to end and judge them"),
    ("shrink", testers.shrink_command, "find the fewest utterances that still fail the same way"),
    ("fuzz", testers.fuzz_command, "try scenarios drawn at random until one fails"),
    ("check", around_runs.check_command, "read files and say what they will do"),
    ("new", around_runs.new_command, "write a commented scenario to begin with"),
    ("up", around_runs.up_command, "start everything and leave it up, to explore by hand"),
    ("why", around_runs.why_command, "the timeline of one utterance"),
    ("rate", testers.rate_command, "how often a check fails over many seeds"),
    ("judge", targets.judge_command, "judge your own gateway by the clips it kept"),
    ("target", targets.target_command, "ask a target what can be checked there"),
    ("scan", searching.scan_command, "search files, sites, databases for known identities"),
    ("needles", searching.needles_command, "make a needle file: identities that load fast"),
    ("report", searching.report_command, "compare two reports"),
    ("proxy", searching.proxy_command, "search what a site answers to k6, Playwright or a browser"),
    ("load", searching.load_command, "compare two load tests, or draw one again"),
    ("twin", testers.twin_command, "compare two worlds that differ in identities alone"),
    ("scorecard", searching.scorecard_command, "prove the leak search with planted leaks"),
    ("schema", searching.schema_command, "print the JSON Schema of a file"),
    ("docs", searching.docs_command, "the documentation as a site with search"),
)
# Parts of Earlid by themselves: their options are passed on.
PASSED_ON: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("locust", parts.locust_command, "run your own locustfile with every answer searched"),
    ("leaks", parts.leaks_command, "a search process for load tests and test suites"),
    ("simulate", parts.simulate_command, "households and fleets by themselves"),
    ("gateway", parts.gateway_command, "the gateway by itself"),
    ("status", parts.status_command, "why nothing happens at a running gateway"),
    ("vault", parts.vault_command, "the vault by itself"),
    ("review", parts.review_command, "the review tool by itself"),
    ("accounts", parts.accounts_command, "make accounts for the review tool"),
    ("gold", parts.gold_command, "known answers for clips under review"),
    ("projects", parts.projects_command, "import clips for review, export annotated ones"),
    ("contract", parts.contract_command, "show, check and compare contracts"),
    ("audit", parts.audit_command, "verify an audit log, print its head"),
    ("custody", parts.custody_command, "seal identities, forget a household, open a case"),
)


@app.callback()
def top_level(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    pass


for _name, _command, _about in COMMANDS:
    app.command(_name, short_help=_about)(_command)
for _name, _command, _about in PASSED_ON:
    app.command(_name, short_help=_about, context_settings=PASS_ON)(_command)


def main() -> None:
    """Run the command line.

    One line and exit 2 for what a person has to mend; 3 when a part of the run is gone; never a traceback."""
    from scenarios.report.leaking import ReportLeaks
    from simulator.links.fault_kinds import ReplayError
    from simulator.links.link import LinkError

    exit_at(signal.SIGTERM, code=143)
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
    except KeyboardInterrupt:
        _fail("stopped; everything that was started is gone", 130)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (library := missing_part(error)):
            _fail(library, 2)
        if os.environ.get("EARLID_TRACEBACK"):
            raise
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(at.filename).name}:{at.lineno}"
        _fail(f"a fault of Earlid's own ({place}): nothing was judged; EARLID_TRACEBACK=1 shows more of it", 3)


def _fail(said: Any, code: int) -> None:
    from scenarios.report.shown.escaped import visible

    for line in str(said).splitlines():
        typer.echo(f"earlid: {visible(line)}", err=True)
    sys.exit(code)


def _disk(error: OSError) -> str:
    """A full disk, a read-only folder, a path that is no folder."""
    return f"{error.filename or 'the disk'}: {reason_of(error)}"
