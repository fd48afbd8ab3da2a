"""Gate and redaction in figures: what was sent, what became of it, and what was taken out of what was kept."""

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from scenarios.model.ledger import Row
from scenarios.report.checked import ran
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
    """One kind of utterance: how many were sent, kept and dropped, and what should have happened."""

    kind: str
    should: str
    sent: int
    kept: int
    dropped: int


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """Over the clips the harness was shown: words masked by kind, clips without sound by reason, secrets said;
    `audible` is null where nobody listened."""

    clips: int
    words: int
    masked: tuple[tuple[str, int], ...]
    withheld: tuple[tuple[str, int], ...]
    secrets: int
    audible: int | None
    silent_share: float | None


def gate(result: RunResult) -> list[GateRow]:
    """By kind, in the order a person would ask."""
    rows = []
    for kind, says in _KINDS.items():
        of_kind = [row for row in result.ledger.rows if row.utterance.kind == kind]
        if of_kind:
            kept = sum(bool(row.refs) for row in of_kind)
            should = "kept" if of_kind[0].utterance.expected == "keep" else "dropped"
            rows.append(GateRow(kind=says, should=should, sent=len(of_kind), kept=kept, dropped=len(of_kind) - kept))
    return rows


def redaction(result: RunResult) -> Redaction:
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
        audible=len({f.reproduce + f.field for f in result.findings if f.check == "spoken_secrets"})
        if ran(result, "spoken_secrets")
        else None,
        silent_share=sum(peak == 0 for peak in peaks) / len(peaks) if peaks else None,
    )


def _secrets(rows: Sequence[Row]) -> int:
    """Runs of secret words of one field, as one secret each."""
    count = 0
    for row in rows:
        before = None
        for word in row.utterance.words:
            count += word.secret is not None and word.secret != before
            before = word.secret
    return count
