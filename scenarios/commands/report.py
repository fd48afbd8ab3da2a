"""`earlid report diff A B`: what changed between two runs, by fingerprint."""

from pathlib import Path

import msgspec

from scenarios.report.difference import difference, load_report
from scenarios.report.shown.terminal import terminal
from scenarios.verdict import Outcome


def diff(before: Path, after: Path, *, as_json: bool) -> Outcome:
    """Fail when a finding appeared that was not there before, or when the load became slower or failed more often.

    Raises:
        BadFile: one of them is no report of this version.
    """
    found = difference(load_report(before), load_report(after))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())  # noqa: T201
    else:
        console = terminal()
        console.print(f"verdict: {found.verdicts[0]} before, {found.verdicts[1]} now", markup=False)
        rows = [(sign, row) for sign, rows in (("+", found.appeared), ("-", found.gone)) for row in rows]
        for sign, row in (
            *rows,
            *(("~", row) for row in (*found.changed, *found.checks, *found.slower, *found.faster)),
        ):
            console.print(f"{sign} {row}", markup=False)
        console.print(f"{found.unchanged} findings unchanged")
        if found.slower:
            console.print(f"slower than before: {len(found.slower)} figures of the load")
    return Outcome.FAIL if found.appeared or found.slower else Outcome.PASS
