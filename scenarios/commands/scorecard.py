"""`earlid scorecard`: how well the detector finds what is known to be there, in figures."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.scorecard.grid import Grid, Progress, grid
from scenarios.leaks.scorecard.mutants import load_mutants
from scenarios.leaks.scorecard.score import Cell, Scorecard, score, wilson_low
from scenarios.report.shown.terminal import terminal
from scenarios.verdict import Outcome

_HOMES = 20  # whose identities are known; one of them is planted


def scorecard(
    *, seed: int, chains: int, clean: int, mutants: Path | None, as_json: bool, drawn: int = 0, day: int | None = None
) -> Outcome:
    """Pass when all that was planted was found, nothing clean was accused and 95 % of the mutants were killed.

    `drawn` chains of two and as many of three are planted beside the complete grid of single encodings, by the seed
    `day` (today's date without one); their bars are 99.5 and 99 %.

    Raises:
        BadFile: the folder of mutants is not there or holds none.
    """
    home, other = (
        control_household(seed * 1_000 + at).model_copy(update={"household_id": f"H{at:02d}"}) for at in range(2)
    )
    loaded = load_mutants(mutants, home, other) if mutants is not None else ()
    with Console(stderr=True, highlight=False).status("planting") as status:
        card = score(seed=seed, chains=chains, clean=clean, mutants=loaded, progress=status.update)
        found = _grid(drawn, day, status.update) if drawn else None
    if as_json:
        plain = {
            **msgspec.to_builtins(card), "mutation_score": card.mutation_score, "grid": msgspec.to_builtins(found)
        }  # fmt: skip
        print(msgspec.json.format(msgspec.json.encode(plain), indent=1).decode())  # noqa: T201
    else:
        _tell(card, terminal())
        if found is not None:
            _tell_grid(found, terminal())
    return Outcome.PASS if card.good and (found is None or found.good) else Outcome.FAIL


def _grid(drawn: int, day: int | None, say: Progress) -> Grid:
    homes = tuple(
        control_household(1_000 + at).model_copy(update={"household_id": f"H{at:02d}"}) for at in range(_HOMES)
    )
    seed = int(datetime.now(UTC).strftime("%Y%m%d")) if day is None else day
    detector = LeakDetector(Identities(schema=1, households=homes))
    return grid(detector, homes[seed % _HOMES], seed=seed, pairs=drawn, triples=drawn, say=say)


def _tell_grid(told: Grid, console: Console) -> None:
    table = Table(f"grid, seed {told.seed}", "found", "planted", "recall at least (95 %)", pad_edge=False)
    for cell in (*told.lengths, *(cell for cell in told.singles if cell.found < cell.planted)):
        low = wilson_low(cell.found, cell.planted)
        table.add_row(cell.name, str(cell.found), str(cell.planted), f"{low:.4f}")
    console.print(table)
    for missed in told.missed[:40]:
        console.print(f"  missed: {missed}", markup=False)


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
