"""Writes a run's reports. Each is searched first for the identities it is about."""

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.files import write_whole
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.report.document import document, reproducible
from scenarios.report.junit import junit
from scenarios.report.leaking import ReportLeaks
from scenarios.report.published.page import page
from scenarios.report.published.recorded import recorded
from scenarios.report.record import FILE as RECORD
from scenarios.report.result import RunResult
from scenarios.report.sarif import sarif
from scenarios.report.utterances.history import history

_SOUND = re.compile(rb"data:audio/wav;base64,([A-Za-z0-9+/]+=*)")
_SOMETIMES = frozenset({"faults.json", RECORD})


def write_reports(result: RunResult, all_results: Sequence[RunResult], detector: LeakDetector) -> str | None:
    """report.html, report.json, junit.xml, findings.sarif and history.jsonl into the run's out folder.

    With faults, faults.json too: seeds and marks enough to have just those go wrong again (`earlid run --replay`).
    A run of the built-in system leaves record.json too, for `earlid run --reuse`; the result says why not, where it may
    not be published. What is judged again has no history.

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
    }
    if result.earlier is None:
        texts["history.jsonl"] = history(result)
    if result.schedule is not None:
        texts["faults.json"] = msgspec.json.encode(result.schedule) + b"\n"
    write_searched(result.out, texts, detector)
    if not result.whole or result.made is None:
        return None
    try:
        write_searched(result.out, {RECORD: recorded(result, result.made)}, detector, stale=())
    except ReportLeaks as error:
        return f"{result.out}: {error}; the run cannot be judged again"
    return None


def write_searched(
    folder: Path, texts: Mapping[str, bytes], detector: LeakDetector, *, stale: Collection[str] = _SOMETIMES
) -> None:
    """Write files into a folder, which is made if it is missing. If one file may not be published, none is written.

    Raises:
        ReportLeaks: one holds an identity, or could not be searched to its end. OSError: as `write_whole`; the files
            before it are kept.
    """
    searched_or_refused(texts, detector)
    folder.mkdir(parents=True, exist_ok=True)
    for name in set(stale) - set(texts):
        (folder / name).unlink(missing_ok=True)  # an earlier run's
    for name, text in texts.items():
        write_whole(folder / name, text)


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
