"""`earlid scan`: the detector by itself, over files, folders and sites; says what it found and what it left out."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from scenarios.leaks.scan import ScanResult, scan_targets
from scenarios.report.document import finding_row
from scenarios.verdict import Outcome


def scan(identities: Path, targets: Sequence[str], *, as_json: bool) -> Outcome:
    """Fail when something was found; unknown when something was not searched to the end, or nothing was.

    Raises:
        BadFile: the identities file is wrong, or a target is not there.
    """
    console = Console(stderr=True, highlight=False)
    with console.status("searching") as status:
        result = scan_targets(identities, targets, progress=lambda name: status.update(f"searching {name}"))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(_document(result)), indent=1).decode())  # noqa: T201
    else:
        _tell(result, Console(highlight=False, soft_wrap=True))
    if result.findings:
        return Outcome.FAIL
    return Outcome.UNKNOWN if result.notes or not result.files else Outcome.PASS


def _document(result: ScanResult) -> dict[str, object]:
    return {
        "files": result.files,
        "bytes": result.bytes,
        "notes": list(result.notes),
        "findings": [finding_row(finding) for finding in result.findings],
    }


def _tell(result: ScanResult, console: Console) -> None:
    if result.findings:
        table = Table("severity", "household", "field", "where", "recognised as", "evidence", pad_edge=False)
        for finding in result.findings:
            where = finding.where.name + (f" +{finding.where.offset}" if finding.where.offset is not None else "")
            how = " > ".join(finding.how)
            table.add_row(finding.severity, finding.household_id, finding.field, where, how, finding.masked_evidence)
        console.print(table)
    for note in result.notes:
        console.print(f"not searched: {note}", markup=False)
    console.print(f"{len(result.findings)} findings in {result.files} files or responses, {result.bytes:,} bytes")
