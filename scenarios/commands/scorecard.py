"""`earlid scorecard`: how well the detector finds what is known to be there, in figures."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from scenarios.leaks.controls import control_household
from scenarios.leaks.scorecard.mutants import load_mutants
from scenarios.leaks.scorecard.score import Cell, Scorecard, score
from scenarios.verdict import Outcome


def scorecard(*, seed: int, chains: int, clean: int, mutants: Path | None, as_json: bool) -> Outcome:
    """Pass when all that was planted was found, nothing clean was accused and 95 % of the mutants were killed.

    Raises:
        BadFile: the folder of mutants is not there or holds none.
    """
    home, other = (
        control_household(seed * 1_000 + at).model_copy(update={"household_id": f"H{at:02d}"}) for at in range(2)
    )
    loaded = load_mutants(mutants, home, other) if mutants is not None else ()
    with Console(stderr=True, highlight=False).status("planting") as status:
        card = score(seed=seed, chains=chains, clean=clean, mutants=loaded, progress=status.update)
    if as_json:
        plain = {**msgspec.to_builtins(card), "mutation_score": card.mutation_score}
        print(msgspec.json.format(msgspec.json.encode(plain), indent=1).decode())  # noqa: T201
    else:
        _tell(card, Console(highlight=False, soft_wrap=True))
    return Outcome.PASS if card.good else Outcome.FAIL


def _tell(card: Scorecard, console: Console) -> None:
    for name, cells in (("channel", card.by_channel), ("encoding", card.by_encoding), ("field", card.by_field)):
        table = Table(name, "found", "planted", "recall at least (95 %)", pad_edge=False)
        for cell in cells:
            table.add_row(*_row(cell))
        console.print(table)
    console.print(f"{card.chains.name}: {card.chains.found} of {card.chains.planted} found")
    console.print(f"planted leaks found: {card.found} of {card.planted}; recall at least {card.recall_low:.4f} (95 %)")
    console.print(
        f"clean corpus: {card.false_alarms} findings in {card.clean_responses} responses, {card.clean_bytes:,} bytes; "
        f"precision {card.precision:.4f}; {card.not_searched} not searched to the end"
    )
    luck = ", ".join(f"{field} {hits:.1g}" for field, hits in card.chance.items())
    console.print(f"expected by chance in a million responses, at most: {luck}")
    if card.mutants:
        share = card.mutation_score or 0.0
        console.print(f"broken applications caught: {card.killed} of {card.mutants} ({share:.1%})")
    for name in card.survivors:
        console.print(f"  survived: {name}", markup=False)
    for missed in card.missed[:40]:
        console.print(f"  missed: {missed}", markup=False)
    for gap in card.untested:
        console.print(f"  not tested: {gap}", markup=False)


def _row(cell: Cell) -> tuple[str, str, str, str]:
    return cell.name, str(cell.found), str(cell.planted), f"{cell.recall_low:.4f}"
