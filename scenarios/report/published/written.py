"""Writes a run's reports, after searching every one of them for the identities they are about."""

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.report.document import document, reproducible
from scenarios.report.history import history
from scenarios.report.junit import junit
from scenarios.report.leaking import ReportLeaks
from scenarios.report.published.page import page
from scenarios.report.result import RunResult
from scenarios.report.sarif import sarif

_SOUND = re.compile(rb"data:audio/wav;base64,([A-Za-z0-9+/]+=*)")
_SOMETIMES = frozenset({"faults.json"})


def write_reports(result: RunResult, all_results: Sequence[RunResult], detector: LeakDetector) -> None:
    """report.html, report.json, junit.xml, findings.sarif and history.jsonl into the run's out folder.

    With faults, faults.json too: seeds and marks enough to have just those go wrong again (`earlid run --replay`).

    Raises:
        ReportLeaks: one of them holds an identity. None of them is left behind then.
    """
    waived = [each.finding for each in result.waived]
    reasons = {each.finding.fingerprint: each.reason for each in result.waived}
    texts = {
        "report.html": page(result, all_results).encode(),
        "report.json": msgspec.json.format(msgspec.json.encode(document(result)), indent=1) + b"\n",
        "junit.xml": junit(result),
        "findings.sarif": sarif(reproducible((*result.findings, *waived), result), accepted=reasons),
        "history.jsonl": history(result),
    }
    if result.schedule is not None:
        texts["faults.json"] = msgspec.json.encode(result.schedule) + b"\n"
    write_searched(result.out, texts, detector)


def write_searched(folder: Path, texts: Mapping[str, bytes], detector: LeakDetector) -> None:
    """Write files into a folder, made if missing; none of them when one may not be published.

    Raises:
        ReportLeaks: one holds an identity, or could not be searched to its end.
    """
    searched_or_refused(texts, detector)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in _SOMETIMES - set(texts):
        (folder / stale).unlink(missing_ok=True)  # an earlier run's
    for name, text in texts.items():
        (folder / name).write_bytes(text)


def searched_or_refused(texts: Mapping[str, bytes], detector: LeakDetector) -> None:
    """Raises ReportLeaks: one of the texts holds an identity, or could not be searched to its end."""
    for name, text in texts.items():
        # A clip in a page is searched as the sound it is: speech in base64 looks like anything, many layers deep.
        sounds = [base64.b64decode(found) for found in _SOUND.findall(text)]
        parts = [Part(kind="file", name=name, data=data) for data in (_SOUND.sub(b"", text), *sounds)]
        searched = detector.search(Haystack(parts=tuple(parts)))
        if searched.findings:
            fields = ", ".join(sorted({finding.field for finding in searched.findings}))
            raise ReportLeaks(f"{name}: not written, it would have shown {fields}")
        if searched.notes:
            raise ReportLeaks(f"{name}: not written, it could not be searched to its end")
