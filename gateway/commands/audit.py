"""`earlid audit verify|head`: whether an audit log still holds, and the head to keep elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.audit.entry import AuditKey, Head
from gateway.audit.log import AuditBroken, key_of, verify_audit
from gateway.files import BadFile
from gateway.keys import read_key

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Verify an audit log, print its signed head.")

Log = Annotated[Path, typer.Argument(help="an audit log")]
KeyFile = Annotated[Path | None, typer.Option(help="the log's key; default: LOG.key")]


@app.command("verify")
def verify_command(
    log: Log,
    head: Annotated[str, typer.Option(help="a head that was kept elsewhere, or a file that holds one")] = "",
    key_file: KeyFile = None,
) -> None:
    """Exit 0 when the log holds, 1 when a line was changed, removed, added, moved, dated back or cut off.

    Without --head only the head beside the log is looked at, which whoever rewrites the log can rewrite too.
    """
    key = read_key(key_file or key_of(log))
    try:
        kept = [_head_in(log, key), _said(head, key)]
        for each in kept:
            found = verify_audit(log, each, key)
    except AuditBroken as error:
        typer.echo(f"{log}: BROKEN: {error}")
        raise typer.Exit(1) from None
    except OSError as error:
        raise BadFile(f"{log}: {error.strerror or 'cannot be read'}") from None
    against = "also against the head given" if head else "against no head kept elsewhere: a rewritten log may hold too"
    typer.echo(f"{log}: {found.entries} lines hold, {against}")


@app.command("head")
def head_command(log: Log, key_file: KeyFile = None) -> None:
    """Print the signed head: keep it where whoever can write the log cannot (paper, a mail, another machine)."""
    key = read_key(key_file or key_of(log))
    try:
        typer.echo(AuditKey(key).signed(verify_audit(log, _head_in(log, key), key)))
    except AuditBroken as error:
        typer.echo(f"{log}: BROKEN: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        raise BadFile(f"{log}: {error.strerror or 'cannot be read'}") from None


def _said(head: str, key: bytes) -> Head | None:
    if not head:
        return None
    if head.startswith("earlid-head-"):
        return AuditKey(key).head(head)
    try:
        return AuditKey(key).head(Path(head).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise BadFile("--head: neither a head (`earlid audit head`) nor a file that holds one") from None


def _head_in(log: Path, key: bytes) -> Head | None:
    beside = log.with_name(f"{log.name}.head")
    text = beside.read_text(encoding="ascii", errors="replace") if beside.exists() else ""
    return AuditKey(key).head(text) if text.strip() else None
