"""`earlid custody seal|forget|sweep|case`: what the keepers of identities and clips do by hand.

Each talks to the vault's process over its socket, with the caller's own token; none opens identities itself but
`seal`, which closes them.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.identities import load_provisioning
from gateway.keys import make_or_read_key, read_key
from gateway.storage.urls import existing
from gateway.vault.client import VaultClient
from gateway.vault.messages import CaseRefused, NotForgotten, Reason, VaultUnavailable
from gateway.vault.sealing import Seal, write_sealed

if TYPE_CHECKING:  # a database is not needed by every command
    from gateway.storage.store import Store

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Seal identities, forget households, open cases.")

Socket = Annotated[Path, typer.Option(help="the vault's socket")]
Token = Annotated[Path, typer.Option(help="file with the caller's own token (mode 0600)")]
ContractName = Annotated[str, typer.Option(help="whose lifetimes, retention, sample and exports count")]
Exports = Annotated[Path | None, typer.Option(help="folder of an export or a data set: files of deleted clips go too")]
StoreUrl = Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store")]


@app.command("seal")
def seal_command(
    identities: Annotated[Path, typer.Argument(help="provisioning file without secrets")],
    sealed: Annotated[Path, typer.Argument(help="where the sealed file goes")],
    key_file: Annotated[Path, typer.Option(help="the key, made if missing; keep it elsewhere")],
) -> None:
    """Encrypt a provisioning file. The plain one is left for you to remove."""
    known = load_provisioning(identities)
    write_sealed(sealed, known.to_json(), Seal(make_or_read_key(key_file)))
    typer.echo(f"sealed {len(known.households)} households")


@app.command("rotate")
def rotate_command(
    sealed: Annotated[Path, typer.Argument(help="the sealed file of a vault that is not running")],
    key_file: Annotated[Path, typer.Option(help="the key until now")],
    new_key_file: Annotated[Path, typer.Option(help="the key from now on, made if missing")],
    store: StoreUrl,
    memory: Annotated[Path, typer.Option(help="the vault's memory")] = Path("vault-memory.sealed"),
) -> None:
    """Seal everything anew under another key: identities, the vault's memory, and whose each stored clip is.

    A command that was broken off is simply given again: what is under the new key already stays as it is.
    """
    from gateway.storage.store import Store
    from gateway.vault.rotation import rotate

    keeper = Store(existing(store))
    try:
        owners = rotate(sealed, memory, keeper, old=Seal(read_key(key_file)), new=Seal(make_or_read_key(new_key_file)))
    finally:
        keeper.close()
    typer.echo(
        f"sealed anew: identities, memory, {owners} owners; start the vault with {new_key_file}, then destroy "
        f"{key_file}"
    )


@app.command("forget")
def forget_command(
    site: Annotated[str, typer.Argument(help="a device of the household that asks to be forgotten")],
    store: StoreUrl,
    vault: Socket,
    vault_token: Token,
    exports: Exports = None,
    contract: ContractName = "strict",
) -> None:
    """Delete a household, its clips, what was written about them, and exported files. The gateway's token."""
    from gateway.storage.store import Store

    keeper, door, gone = Store(existing(store)), _door(vault, vault_token), 0
    try:
        gone = keeper.delete_of(door.owned(site, keeper.owners()))
        _prune(keeper, contract, exports)
        known = door.forget(site)
    except VaultUnavailable as error:
        raise BadFile(f"{error}; nothing more was deleted") from None
    except NotForgotten:
        raise BadFile(
            f"{gone} clips deleted, but the vault cannot write its identities file: the household is NOT forgotten; "
            "let the vault write there and ask again"
        ) from None
    finally:
        keeper.close()
    typer.echo(f"{gone} clips deleted; the household was {'forgotten' if known else 'not known'}")


@app.command("sweep")
def sweep_command(
    store: StoreUrl,
    contract: ContractName = "strict",
    now: Annotated[datetime | None, typer.Option(help="instead of the present: time that a test drives")] = None,
    exports: Exports = None,
) -> None:
    """Remove pseudonyms and clips whose time has come; a running gateway does this by itself."""
    from gateway.storage.retention import sweep
    from gateway.storage.store import Store

    keeper = Store(existing(store))
    try:
        done = sweep(keeper, load_contract(contract), now or datetime.now(UTC))
        _prune(keeper, contract, exports, now)
    finally:
        keeper.close()
    typer.echo(f"{done.deleted} clips deleted, {done.unlinked} unlinked")


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(help="a folder for this alone; `forget` and `sweep` take it as --exports")],
    store: StoreUrl,
    contract: ContractName = "strict",
) -> None:
    """Write annotated clips as JSON and WAV, redacted, where the contract has review.export."""
    from gateway.storage.export import export
    from gateway.storage.store import Store

    keeper = Store(existing(store))
    try:
        written = export(keeper, load_contract(contract), folder)
    finally:
        keeper.close()
    typer.echo(f"{written} clips exported")


def _prune(keeper: "Store", contract: str, exports: Path | None, now: datetime | None = None) -> None:
    from gateway.projects.dataset import prune_dataset
    from gateway.storage.export import prune

    if exports is not None:
        rules = load_contract(contract)
        prune(keeper, rules, exports)
        prune_dataset(keeper, rules, exports, now or datetime.now(UTC))


@app.command("case")
def case_command(
    step: Annotated[str, typer.Argument(help="ask, approve or read")],
    what: Annotated[str, typer.Argument(help="ask: a clip's reference; else the case")],
    vault: Socket,
    vault_token: Token,
    store: Annotated[str | None, typer.Option(help="ask: URL of the clip store")] = None,
    reason: Annotated[str, typer.Option(help=f"ask: one of {', '.join(get_args(Reason))}")] = "",
) -> None:
    """Break-glass: one officer asks, another approves, the first reads while the case is open."""
    door = _door(vault, vault_token)
    try:
        if step == "ask":
            typer.echo(_asked(door, what, store, reason))
        elif step == "approve":
            door.approve_case(what)
            typer.echo("approved")
        elif step == "read":
            facts = door.case(what)
            typer.echo(facts if facts else "the household is not known any more")
        else:
            raise BadFile(f"case {step}: allowed: ask, approve, read")
    except CaseRefused:
        raise BadFile("the vault refuses: not this person, not now, or not this case") from None
    except VaultUnavailable as error:
        raise BadFile(str(error)) from None


def _asked(door: VaultClient, ref: str, store: str | None, reason: str) -> str:
    from gateway.storage.store import Store

    if reason not in get_args(Reason) or store is None:
        raise BadFile(f"case ask: --store URL and --reason are wanted; reasons: {', '.join(get_args(Reason))}")
    keeper = Store(existing(store))
    try:
        owner = keeper.owner(ref)
    finally:
        keeper.close()
    case = door.ask_case(owner, ref, cast("Reason", reason)) if owner else None
    if case is None:
        raise BadFile("case ask: nobody knows whose clip that is")
    return case


def _door(socket: Path, token: Path) -> VaultClient:
    return VaultClient(socket, read_key(token).decode("ascii", "replace").strip())
