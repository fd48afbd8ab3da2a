"""`earlid scan`: the detector by itself, over files, folders and sites; says what it found and what it left out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from scenarios.leaks.sources.scan import scan_targets
from scenarios.leaks.sources.tally import ScanResult
from scenarios.report.baseline import Baseline, load_baseline, split
from scenarios.report.document import finding_row
from scenarios.report.sarif import sarif
from scenarios.verdict import Outcome


def scan(
    identities: Path,
    targets: Sequence[str],
    *,
    as_json: bool,
    baseline: Path | None = None,
    sarif_to: Path | None = None,
) -> Outcome:
    """Fail when something was found; unknown when something was not searched to the end, or nothing was.

    Findings a `baseline` accepts are told, not counted; `sarif_to` gets all of them.

    Raises:
        BadFile: the identities file or the baseline is wrong, or a target is not there.
    """
    known = load_baseline(baseline) if baseline else Baseline(baseline=1)
    console = Console(stderr=True, highlight=False)
    with console.status("searching") as status:
        result = scan_targets(identities, targets, progress=lambda name: status.update(f"searching {name}"))
    findings = tuple(
        msgspec.structs.replace(finding, reproduce=f"earlid scan --identities FILE {finding.where.name}")
        for finding in result.findings
    )
    new, accepted, notes = split(findings, known, today=datetime.now(UTC).date())
    if sarif_to is not None:
        reasons = {entry.fingerprint: entry.reason for entry in known.accepted}
        sarif_to.write_bytes(sarif(findings, accepted={f.fingerprint: reasons[f.fingerprint] for f in accepted}))
    result = msgspec.structs.replace(result, findings=new)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(_document(result)), indent=1).decode())  # noqa: T201
    else:
        console = Console(highlight=False, soft_wrap=True)
        _tell(result, console)
        for line in (f"{len(accepted)} findings accepted by the baseline" if accepted else "", *notes):
            if line:
                console.print(line, markup=False)
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
