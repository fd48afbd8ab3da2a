"""Figures of gate and redaction: what was sent, what was kept, and what was removed from the kept clips."""

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from scenarios.model.ledger import Row
from scenarios.report.checked import ran
from scenarios.report.record import Redaction
from scenarios.report.result import RunResult

_KINDS = {
    "wake": "wake word, then a request",
    "button": "button, then a request",
    "false_wake": "speech that sounds like the wake word",
    "noise": "noise or television",
    "muted": "said while the microphone is off",
    "no_consent": "a home without consent",
}
_MASK = re.compile(r"\[([a-z_ ]+)\]")


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of utterance: how many were sent, kept and dropped, and which outcome is right."""

    kind: str
    should: str
    sent: int
    kept: int
    dropped: int


def gate(result: RunResult) -> list[GateRow]:
    """Rows by kind, in the order in which a person would ask."""
    rows = []
    for kind, says in _KINDS.items():
        of_kind = [row for row in result.ledger.rows if row.utterance.kind == kind]
        if of_kind:
            kept = sum(bool(row.refs) for row in of_kind)
            should = "kept" if of_kind[0].utterance.expected == "keep" else "dropped"
            rows.append(GateRow(kind=says, should=should, sent=len(of_kind), kept=kept, dropped=len(of_kind) - kept))
    return rows


def redaction(result: RunResult) -> Redaction:
    """The figures of redaction. A run that is judged again keeps its own figures, because nothing was served since."""
    if result.earlier is not None:
        return msgspec.structs.replace(result.earlier.redaction, audible=_audible(result))
    served = list(result.seen.served.values())
    texts = [str(clip.facts.get("transcript") or "") for clip in served]
    peaks = [peak for clip in served for peak in clip.facts.get("peaks") or []]
    rows = result.ledger.by_ref()
    shown = [rows[clip.ref] for clip in served if clip.ref in rows]
    return Redaction(
        clips=len(served),
        words=sum(len(_MASK.sub("x", text).split()) for text in texts),
        masked=tuple(Counter(found for text in texts for found in _MASK.findall(text)).most_common()),
        withheld=tuple(Counter(str(c.facts["withheld"]) for c in served if c.facts.get("withheld")).most_common()),
        secrets=_secrets(shown),
        audible=_audible(result),
        silent_share=sum(peak == 0 for peak in peaks) / len(peaks) if peaks else None,
        sound=any(clip.wav for clip in served),
    )


def _audible(result: RunResult) -> int | None:
    if not ran(result, "spoken_secrets"):
        return None
    return len({f.reproduce + f.field for f in result.findings if f.check == "spoken_secrets"})


def _secrets(rows: Sequence[Row]) -> int:
    """The secrets of an utterance. Neighbouring secret words of one field are one secret."""
    count = 0
    for row in rows:
        before = None
        for word in row.utterance.words:
            count += word.secret is not None and word.secret != before
            before = word.secret
    return count
