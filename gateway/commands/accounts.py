"""`earlid accounts`: people of the review tool, in its database or in a file."""

import json
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from typer.core import TyperGroup

from gateway.audit.log import AuditFile
from gateway.contract.model import Role
from gateway.files import BadFile

StoreOption = Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store, as for `review`")]
Names = Annotated[list[str], typer.Argument(help="account names: lower case letters, digits, . _ -")]
RoleOption = Annotated[str, typer.Option(help=", ".join(get_args(Role)))]
AuditOption = Annotated[Path | None, typer.Option(help="the review tool's audit log, to write it down there too")]
HoursOption = Annotated[float, typer.Option(help="how long the invitation holds, in hours", min=0.01, max=720)]
UrlOption = Annotated[str, typer.Option(help="where people reach the tool")]


class _FileByDefault(TyperGroup):
    """`earlid accounts --accounts FILE NAME...` still makes a file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first and first not in self.commands and first not in ("--help", "-h"):
            args = ["file", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_FileByDefault,
    no_args_is_help=True,
    add_completion=False,
    help="People of the review tool: in its database (--store), or in a file (--accounts).",
)


@app.command("add")
def add_command(
    usernames: Names,
    store: StoreOption,
    role: RoleOption = "reviewer",
    hours: HoursOption = 72,
    url: UrlOption = "http://127.0.0.1:8080",
    audit: AuditOption = None,
) -> None:
    """Invite people: each gets a link that works once, for a password and a second factor of their own."""
    from gateway.review.people.stored_accounts import AccountExists

    known = _role(role)
    accounts, record = _stored(store), _recorder(audit)
    for username in usernames:
        try:
            word = accounts.add(username, known, hours * 3600)
        except AccountExists:
            raise BadFile(f"{username}: has an account; `earlid accounts reset` invites them anew") from None
        except ValueError:
            raise BadFile("an account name has lower case letters, digits, . _ - and at most 64 of them") from None
        record(username, "added")
        _tell(username, url, word, hours)


@app.command("reset")
def reset_command(
    usernames: Names,
    store: StoreOption,
    hours: HoursOption = 72,
    url: UrlOption = "http://127.0.0.1:8080",
    audit: AuditOption = None,
) -> None:
    """Take password, second factor, recovery codes and sessions away, and invite anew."""
    from gateway.review.people.stored_accounts import NoSuchAccount

    accounts, record = _stored(store), _recorder(audit)
    for username in usernames:
        try:
            word = accounts.reset(username, hours * 3600)
        except NoSuchAccount:
            raise BadFile(f"{username}: no such account") from None
        record(username, "reset")
        _tell(username, url, word, hours)


@app.command("disable")
def disable_command(usernames: Names, store: StoreOption, audit: AuditOption = None) -> None:
    """Out at once: open sessions and invitations end. `enable` lets them in again."""
    _switch(usernames, store, audit, disabled=True)


@app.command("enable")
def enable_command(usernames: Names, store: StoreOption, audit: AuditOption = None) -> None:
    """Let somebody in again who was disabled, with the password they had."""
    _switch(usernames, store, audit, disabled=False)


@app.command("list")
def list_command(
    store: StoreOption, as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False
) -> None:
    """Every account: role, state, open sessions, recovery codes left."""
    for each in _stored(store).standings():
        said: dict[str, Any] = {"username": each.username, "role": each.role, "state": each.state}
        said |= {"sessions": each.sessions, "recovery_codes": each.recovery_codes}
        if as_json:
            typer.echo(json.dumps(said))
        else:
            sessions = f"{each.sessions} session{'' if each.sessions == 1 else 's'}"
            line = (
                f"{each.username:<20} {each.role:<16} {each.state:<9} {sessions}, {each.recovery_codes} recovery codes"
            )
            typer.echo(line)


@app.command("file")
def file_command(
    usernames: Names,
    accounts: Annotated[Path, typer.Option(help="the accounts file to write (mode 0600); must not exist yet")],
    role: RoleOption = "reviewer",
) -> None:
    """Make an accounts file. Each password and TOTP secret is printed once, as a JSON line, and kept nowhere."""
    from gateway.review.people.accounts import accounts_json, make_account, new_totp_secret

    known, made, told = _role(role), [], []
    for username in usernames:
        password, totp_secret = secrets.token_urlsafe(18), new_totp_secret()
        made.append(make_account(username, known, password, totp_secret))
        told.append(json.dumps({"username": username, "password": password, "totp_secret": totp_secret}))
    try:
        handle = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadFile(f"{accounts}: {error.strerror}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(accounts_json(made))
    for line in told:  # of accounts that are there now
        typer.echo(line)


def _switch(usernames: list[str], store: str, audit: Path | None, *, disabled: bool) -> None:
    from gateway.review.people.stored_accounts import NoSuchAccount

    accounts, record = _stored(store), _recorder(audit)
    for username in usernames:
        try:
            accounts.disable(username, disabled=disabled)
        except NoSuchAccount:
            raise BadFile(f"{username}: no such account") from None
        record(username, "disabled" if disabled else "enabled")


def _role(said: str) -> Role:
    known: dict[str, Role] = {each: each for each in get_args(Role)}
    if said not in known:
        raise BadFile(f"--role {said}: allowed: {', '.join(known)}")
    return known[said]


def _stored(store: str) -> Any:
    from gateway.keys import make_or_read_key
    from gateway.review.people.stored_accounts import StoredAccounts
    from gateway.storage.database import Database

    database = Database(store)
    return StoredAccounts(database.engine, make_or_read_key(database.accounts_key))


def _recorder(audit: Path | None) -> Any:
    log = AuditFile(audit) if audit else None
    return lambda username, what: log.record(username, "account_changed", "ok", detail=what) if log else None


def _tell(username: str, url: str, word: str, hours: float) -> None:
    """The word stands behind #: no browser sends that part to a server or proxy, or on to another page."""
    until = datetime.fromtimestamp(time.time() + hours * 3600, UTC).isoformat(timespec="minutes")
    typer.echo(json.dumps({"username": username, "invitation": f"{url.rstrip('/')}/join#{word}", "until": until}))
