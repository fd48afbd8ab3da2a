"""Commands that start one part of Earlid by itself. Their options are the part's own."""

import os
import sys

import typer

from gateway.files import BadFile
from scenarios.command_line.extras import PARTS, wanted


def locust_command(context: typer.Context) -> None:
    """Run your own, unchanged locustfile with every response searched for known identities.

    earlid locust --identities FILE -f LOCUSTFILE [locust's own options]
    """
    from scenarios.commands.locust import locust

    locust(context.args)


def leaks_command(context: typer.Context) -> None:
    """A search process for load tests and test suites: `earlid leaks serve`."""
    what, *options = context.args or ["--help"]
    if what not in ("serve", "--help"):
        raise BadFile(f"leaks {what}: allowed: serve")
    _become("scenarios.leaks.service", options if what == "serve" else ["--help"])


def simulate_command(context: typer.Context) -> None:
    """Households and fleets without the harness: `earlid simulate identities|fleet ...`."""
    _become("simulator", context.args)


def gateway_command(context: typer.Context) -> None:
    """The gateway alone, against anyone's broker and database."""
    _become("gateway", ["gateway", *context.args])


def status_command(context: typer.Context) -> None:
    """Why does nothing happen? What a running gateway saw of each site last."""
    _become("gateway", ["status", *context.args])


def vault_command(context: typer.Context) -> None:
    """The vault alone: identities in a process of their own."""
    _become("gateway", ["vault", *context.args])


def review_command(context: typer.Context) -> None:
    """The review tool alone, on anyone's clip store."""
    _become("gateway", ["review", *context.args])


def accounts_command(context: typer.Context) -> None:
    """People of the review tool: `earlid accounts add|disable|enable|reset|list`."""
    _become("gateway", ["accounts", *context.args])


def gold_command(context: typer.Context) -> None:
    """Known answers for clips under review: people are compared with them."""
    _become("gateway", ["gold", *context.args])


def projects_command(context: typer.Context) -> None:
    """Clips of another team for review, annotated clips as a data set: `earlid projects import|export`."""
    _become("gateway", ["projects", *context.args])


def contract_command(context: typer.Context) -> None:
    """Show, check and compare contracts: `earlid contract show|check|diff`."""
    _become("gateway", ["contract", *context.args])


def audit_command(context: typer.Context) -> None:
    """Verify an audit log, print its signed head: `earlid audit verify|head`."""
    _become("gateway", ["audit", *context.args])


def custody_command(context: typer.Context) -> None:
    """Seal identities, forget a household, sweep, open a case: `earlid custody seal|rotate|forget|sweep|case`."""
    _become("gateway", ["custody", *context.args])


def _become(module: str, args: list[str]) -> None:
    """Replace this process by `python -m module`, so that signals and exit codes are its own.

    `-P` keeps the current folder off the path: a user's own `gateway/` must not be imported.

    Raises:
        BadFile: a library of that part is not installed.
    """
    if module in PARTS:
        wanted(module)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *args])  # noqa: S606 (no shell, our own module)
