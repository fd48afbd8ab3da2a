"""Writes a run's reports, after searching every one of them for the identities they are about."""

from collections.abc import Sequence

import msgspec

from scenarios.history import history
from scenarios.leaks.detector import LeakDetector
from scenarios.report.document import document, reproducible
from scenarios.report.junit import junit
from scenarios.report.page import page
from scenarios.report.sarif import sarif
from scenarios.result import RunResult
from scenarios.verdict import Where


class ReportLeaks(RuntimeError):
    """A report would have held an identity; it was not written."""


def write_reports(result: RunResult, all_results: Sequence[RunResult], detector: LeakDetector) -> None:
    """report.html, report.json, junit.xml, findings.sarif and history.jsonl into the run's out folder.

    With faults, faults.json too: seeds and marks enough to have just those go wrong again (`earlid run --replay`).

    Raises:
        ReportLeaks: one of them holds an identity. None of them is left behind then.
    """
    texts = {
        "report.html": page(result, all_results).encode(),
        "report.json": msgspec.json.format(msgspec.json.encode(document(result)), indent=1) + b"\n",
        "junit.xml": junit(result),
        "findings.sarif": sarif(reproducible(result.findings, result)),
        "history.jsonl": history(result),
    }
    if result.schedule is not None:
        texts["faults.json"] = msgspec.json.encode(result.schedule) + b"\n"
    for name, text in texts.items():
        found = detector.scan_bytes(text, Where(kind="file", name=name))
        if found:
            fields = ", ".join(sorted({finding.field for finding in found}))
            raise ReportLeaks(f"{name}: not written, it would have shown {fields}")
    result.out.mkdir(parents=True, exist_ok=True)
    (result.out / "faults.json").unlink(missing_ok=True)  # an earlier run's
    for name, text in texts.items():
        (result.out / name).write_bytes(text)
