"""One utterance as each contract serves it. The drawing is always shown, sound and words only if they are clean."""

import base64
from collections.abc import Sequence

import msgspec

from scenarios.model.ledger import Row
from scenarios.model.observations import Served
from scenarios.report.checked import ran
from scenarios.report.result import RunResult


class Waveform(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as one contract serves it. `audio` is a data URI. It is there only if the clip was searched and listened
    to and is clean. `state` says so, or that nobody listened. `silent` is the share of silent columns."""

    contract: str
    points: str
    state: str
    audio: str | None
    note: str
    transcript: str | None
    shown: tuple[tuple[str, str], ...]
    silent: float


def waveforms(results: Sequence[RunResult]) -> list[Waveform]:
    """One utterance that every contract serves. It has the most secrets, then the most silenced words."""
    per_run = [
        {
            row.utterance.utterance_id: (row, r.seen.served[row.refs[0]])
            for row in r.ledger.rows
            if row.refs and row.refs[0] in r.seen.served
        }
        for r in results
    ]
    common = set.intersection(*(set(run) for run in per_run)) if per_run else set()
    telling = [u for u in common if per_run[0][u][0].utterance.kind == "wake" and all(run[u][1].wav for run in per_run)]
    if not telling:
        return []

    def tells(label: str) -> tuple[int, int]:
        masked = sum(str(run[label][1].facts.get("transcript") or "").count("[") for run in per_run)
        return masked, sum(word.secret is not None for word in per_run[0][label][0].utterance.words)

    label = max(sorted(telling), key=tells)
    return [_waveform(r, *run[label]) for r, run in zip(results, per_run, strict=True)]


def _waveform(result: RunResult, row: Row, served: Served) -> Waveform:
    audible = any(
        finding.check == "spoken_secrets" and row.utterance.utterance_id in finding.reproduce
        for finding in result.findings
    )
    judged = ran(result, "spoken_secrets")
    clean = served.clean and not audible and judged and served.wav is not None
    facts = served.facts
    peaks = list(facts.get("peaks") or [])
    pseudonyms = {"device": result.contract.redact.device, "customer": result.contract.redact.customer}
    as_what = {name: "a pseudonym" for name, operator in pseudonyms.items() if operator == "pseudonym"}
    shown = [
        (name, as_what.get(name, "shown") if facts.get(name) is not None else "not shown")
        for name in ("device", "customer", "given_name", "locality", "latitude")
    ]
    return Waveform(
        contract=result.contract.name,
        points=_points(peaks),
        state=_state(served, audible, judged),
        audio=f"data:audio/wav;base64,{base64.b64encode(served.wav or b'').decode()}" if clean else None,
        note=f"utterance {row.utterance.utterance_id}",
        transcript=facts.get("transcript") if clean else None,
        shown=tuple((name.replace("latitude", "coordinates").replace("_", " "), state) for name, state in shown),
        silent=sum(peak == 0 for peak in peaks) / len(peaks) if peaks else 0.0,
    )


def _state(served: Served, audible: bool, judged: bool) -> str:
    if not served.clean or audible:
        return "identifies a household"
    if not judged:
        return "spoken secrets not checked"
    return "searched and clean" if served.wav is not None else "no sound is served"


def _points(peaks: Sequence[int]) -> str:
    """An SVG polygon of 600 x 100, mirrored at its middle."""
    if not peaks:
        return ""
    step, loudest = 600 / len(peaks), max(max(peaks), 1)
    heights = [peak * 48 / loudest for peak in peaks]
    upper = [f"{at * step:.1f},{50 - height:.1f}" for at, height in enumerate(heights)]
    lower = [f"{at * step:.1f},{50 + height:.1f}" for at, height in reversed(list(enumerate(heights)))]
    return " ".join(upper + lower)
