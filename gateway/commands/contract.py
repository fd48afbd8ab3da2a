"""`earlid contract show|check|diff`: a contract with every default filled in, whether it holds, how two differ."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
import yaml

from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Show, check and compare contracts.")

NAME = "a preset (strict, ...) or a .yaml file"


@app.command("show")
def show_command(contract: Annotated[str, typer.Argument(help=NAME)] = "strict") -> None:
    """Print a contract as YAML with every key, defaults included."""
    typer.echo(yaml.safe_dump(_plain(load_contract(contract)), sort_keys=False, allow_unicode=True).rstrip())


@app.command("check")
def check_command(contracts: Annotated[list[str], typer.Argument(help=NAME)]) -> None:
    """Say of each whether it loads, and why not. Exit 2 when one does not."""
    faults = 0
    for name in contracts:
        try:
            contract = load_contract(name)
        except BadFile as fault:
            faults += 1
            typer.echo(f"refused  {fault}")
            continue
        shown = ", ".join(contract.allow) or "nothing"
        typer.echo(f"ok       {name}: {contract.name}, kind {contract.kind}, discloses {shown}")
    if faults:
        raise typer.Exit(2)


@app.command("diff")
def diff_command(
    old: Annotated[str, typer.Argument(help=NAME)],
    new: Annotated[str, typer.Argument(help=NAME)],
) -> None:
    """Print every key in which two contracts differ. Exit 1 when they do."""
    lines = list(differences(load_contract(old), load_contract(new)))
    for line in lines:
        typer.echo(line)
    if lines:
        raise typer.Exit(1)


def differences(old: Contract, new: Contract) -> Iterator[str]:
    """ "redact.device: keep -> pseudonym", in the order of the keys; names are no difference."""
    before, after = dict(_flat(_plain(old))), dict(_flat(_plain(new)))
    for key in [*before, *(key for key in after if key not in before)]:
        a, b = before.get(key, "-"), after.get(key, "-")
        if a != b and key != "name":
            yield f"{key}: {a} -> {b}"


def _plain(contract: Contract) -> dict[str, Any]:
    data: dict[str, Any] = contract.model_dump(mode="json", by_alias=True)
    return data


def _flat(data: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from _flat(value, f"{at}.{key}" if at else key)
    elif isinstance(data, list):
        yield at, f"[{', '.join(map(str, data))}]"
    else:
        yield at, "-" if data is None else str(data).lower() if isinstance(data, bool) else str(data)
