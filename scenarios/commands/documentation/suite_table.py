"""The table of shipped suites: `python -m scenarios.commands.documentation.suite_table` writes suites/README.md."""

from collections.abc import Iterator
from pathlib import Path

from scenarios.model.suite_files import SUITES, Prepared, prepare_file

PURPOSES = {
    "smoke": "the same fleet under a reported practice and under strict",
    "incidents": "what was reported (S1 to S19), found again; strict beside it finds nothing",
    "gating": "what is kept, what is dropped, and how often hearing errs",
    "redaction": "what is said is masked in words and in sound",
    "faults": "a rough network; what must be kept is kept once",
    "hostile": "devices nobody knows, and what none may send",
    "policies": "six months: pseudonyms and clips end on their day",
    "review-privacy": "who can see what",
    "scale": "hundreds of homes that differ",
    "soak": "hours of it; for a night",
    "examples": "a run that fails on purpose; nothing runs it by itself",
}


def table() -> str:
    """Markdown: a section a suite, a row a file."""
    lines = [
        "# Suites",
        "",
        "Made by `python -m scenarios.commands.documentation.suite_table`; do not edit.",
        "`earlid run NAME` runs a suite, `earlid check NAME` says what it will do,",
        "`pytest scenarios/suites/NAME` runs each cell as a test.",
    ]
    for name, purpose in PURPOSES.items():
        lines += ["", f"## {name}", "", f"{purpose[0].upper()}{purpose[1:]}.", ""]
        lines += ["| scenario | what it shows | runs | limits and expectations | checks |", "|---|---|---|---|---|"]
        lines += [_row(path) for path in sorted((SUITES / name).glob("*.yaml"))]
    return "\n".join(lines) + "\n"


def _row(path: Path) -> str:
    runs = prepare_file(path)
    first = runs[0].scenario
    wants = list(dict.fromkeys(said for run in runs for said in _wanted(run, several=len(runs) > 1)))
    checks = ", ".join(f"`{name}`" for name in first.checks)
    return f"| `{path.stem}` | {first.about} | {len(runs)} | {'; '.join(wants) or 'passes'} | {checks} |"


def _wanted(run: Prepared, *, several: bool) -> Iterator[str]:
    scenario, who = run.scenario, f"{run.contract.name}: " if several else ""
    yield from (f"{who}`{each if isinstance(each, str) else each.that}`" for each in scenario.thresholds)
    if scenario.expect is not None:
        fields = "".join(f" `{field}`" for field in scenario.expect.findings)
        yield f"{who}{scenario.expect.verdict}{' with' + fields if fields else ''}"


def write() -> None:
    (SUITES / "README.md").write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    write()
