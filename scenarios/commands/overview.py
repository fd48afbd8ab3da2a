"""What `earlid --help` says: what Earlid is, its commands by user, an example, the exit codes."""

from importlib.metadata import version
from typing import Any

import typer
from typer.core import TyperGroup

ABOUT = """Earlid tests what a voice assistant keeps, shows and leaks.

A simulated fleet speaks to a gateway; reviewers work on what the gateway kept; every answer is searched for everybody
the fleet was made of. The same search runs on your own files, sites, tests and load tests.
"""

EPILOG = """\b
Examples:
  earlid run                                                  the smoke suite
  earlid scan --identities ids.json export/ access.log        your own files
  earlid locust --identities ids.json -f mine.py --headless --host http://127.0.0.1:8080

Exit codes: 0 pass, 1 fail, 2 wrong usage or input, 3 unknown (something could not be examined).
"""

# A command that no row names is listed under the last heading.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("QA engineers", ("new", "check", "run", "why", "shrink", "fuzz", "rate", "twin", "up", "target", "judge")),
    ("Privacy reviewers", ("scan", "needles", "report", "scorecard")),
    ("Performance testers", ("locust", "proxy", "load", "leaks")),
    (
        "The parts by themselves",
        ("simulate", "gateway", "vault", "review", "accounts", "gold", "projects", "audit", "custody", "status"),
    ),
    ("Files and documentation", ()),
)


class CommandsByUser(TyperGroup):
    """Lists commands under the heading of the people who use them."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        named = {name for _heading, names in GROUPS for name in names}
        for heading, names in GROUPS:
            shown = names or tuple(name for name in self.list_commands(ctx) if name not in named)
            rows = [(name, self.commands[name].get_short_help_str(70)) for name in shown if name in self.commands]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def print_version(wanted: bool) -> None:
    """`earlid --version`."""
    if wanted:
        typer.echo(f"earlid {version('earlid')}")
        raise typer.Exit
