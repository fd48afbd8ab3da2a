"""`earlid load`: reads what a load test left. `report` draws it again, `diff` compares two runs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from scenarios.report.load.compare import Change, changes
from scenarios.report.load.junit_load import junit_load
from scenarios.report.load.page import load_page
from scenarios.report.load.recorded import Recorded, load_recorded
from scenarios.verdict import Outcome

_OUTCOMES = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "unknown": Outcome.UNKNOWN}


def write_reports(recorded: Recorded, out: Path) -> list[Path]:
    """load.html and junit.xml beside load.json."""
    page, cases = out / "load.html", out / "junit.xml"
    page.write_text(load_page(recorded), encoding="utf-8")
    cases.write_bytes(junit_load(recorded))
    return [page, cases]


def report(run: Path) -> Outcome:
    """Write the reports of a run anew. Raises BadFile."""
    recorded = load_recorded(run)
    out = run if run.is_dir() else run.parent
    Console(highlight=False, soft_wrap=True).print(", ".join(map(str, write_reports(recorded, out))), markup=False)
    return _OUTCOMES[recorded.verdict]


def diff(before: Path, after: Path, *, as_json: bool) -> Outcome:
    """Fail when a route became slower or failed more often, the rate fell, or a place leaks that did not.

    Latencies of a saturated generator are not compared, and neither is a run in which nothing was searched: unknown.

    Raises:
        BadFile: one of them is no record of a load test.
    """
    one, other = load_recorded(before), load_recorded(after)
    rows = changes(one, other)
    both = ((before, one), (after, other))
    saturated = [f"{path}: {run.saturated}" for path, run in both if run.saturated]
    empty = [f"{path}: no answer was searched" for path, run in both if not run.search.responses]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(rows), indent=1).decode())  # noqa: T201
    else:
        _print(rows, [*saturated, *empty])
    if any(row.verdict == "worse" and (row.figure in ("leaks", "failed") or not saturated) for row in rows):
        return Outcome.FAIL
    return Outcome.UNKNOWN if saturated or empty or any(row.verdict == "unknown" for row in rows) else Outcome.PASS


def _print(rows: Sequence[Change], saturated: Sequence[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for line in saturated:
        console.print(f"not compared: {line}", markup=False)
    for row in rows:
        if row.verdict != "same":
            console.print(f"{row.verdict}: {row.route}: {row.figure}: {_told(row)}", markup=False)
    console.print(f"{sum(row.verdict == 'same' for row in rows)} of {len(rows)} figures did not change beyond chance")


def _told(row: Change) -> str:
    return f"{_value(row.before, row.before_interval)} before, {_value(row.after, row.after_interval)} now"


def _value(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None:
        return "nothing"
    return f"{value:.4g}" + (f" ({interval[0]:.4g} to {interval[1]:.4g})" if interval else "")
