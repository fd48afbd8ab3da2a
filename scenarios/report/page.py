"""A RunResult as report.html: one self-contained page for a privacy reviewer who was not there."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from gateway.contract import Contract
from scenarios.checks.exposure import distinct
from scenarios.ledger import Row, figures
from scenarios.observations import Served
from scenarios.report.exposed import claims, exposed, workload
from scenarios.report.meaning import MEANING, attack_of
from scenarios.result import RunResult
from scenarios.verdict import Finding, Outcome

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)
_ORDER = {"critical": 0, "high": 1, "medium": 2, "low": 3}


class FindingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one field, for one row of the table."""

    field: str
    meaning: str
    severity: str
    households: int
    count: int
    where: tuple[str, ...]
    how: tuple[str, ...]
    evidence: str
    reproduce: str
    attack: str


class Waveform(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as one contract serves it. `audio` is a data URI, only for a clip that was searched and is clean."""

    contract: str
    points: str
    audio: str | None
    note: str
    transcript: str | None
    shown: tuple[tuple[str, str], ...]


def page(result: RunResult, all_results: Sequence[RunResult]) -> str:
    """HTML text; `all_results` are the runs of the same fleet under other contracts, this one among them."""
    return _TEMPLATES.get_template("report.html.j2").render(
        result=result,
        sentence=sentence(result),
        others=all_results if len(all_results) > 1 else (),
        compare=compare(all_results),
        groups=groups(result.findings),
        waveforms=waveforms(all_results),
        ledger=msgspec.structs.asdict(figures(result.ledger)),
        sent=sum(row.delivery is not None for row in result.ledger.rows),
        responses=len(result.seen.responses),
        searched=sum(response.bytes for response in result.seen.responses),
        found_controls=sum(control.found for control in result.seen.controls),
        rules=rules(result.contract),
        controls=tuple(dict.fromkeys(control.name for control in result.seen.controls)),
        exposed=exposed(result),
        claims=claims(result),
        workload=workload(result),
        Outcome=Outcome,
    )


def sentence(result: RunResult) -> str:
    """The verdict in one sentence for somebody with one minute."""
    if result.outcome is Outcome.UNKNOWN:
        names = ", ".join(v.check.replace("_", " ") for v in result.verdicts if v.outcome is Outcome.UNKNOWN)
        return f"No verdict can be given: {names} could not be settled."
    if result.outcome is Outcome.PASS:
        count = len(result.seen.responses)
        return f"Nothing that identifies any of {result.households} households was found in {count} responses."
    places = [finding for finding in result.findings if finding.field.endswith("latitude")]
    if places:
        responses = sum(
            any(f.field.endswith("latitude") for f in response.findings) for response in result.seen.responses
        )
        return f"{responses} responses let an annotator place a household: {places[0].masked_evidence}."
    homes = len({finding.household_id for finding in result.findings})
    if homes:
        return f"What reviewers were shown identifies {homes} of {result.households} households."
    failed = [verdict for verdict in result.verdicts if verdict.outcome is Outcome.FAIL]
    return f"{failed[0].check.replace('_', ' ').capitalize()} failed: {failed[0].why}."


def groups(findings: Sequence[Finding]) -> list[FindingGroup]:
    """Findings by field, the worst first."""
    by_field: dict[str, list[Finding]] = {}
    for finding in findings:
        by_field.setdefault(finding.field, []).append(finding)
    rows = []
    for field, found in by_field.items():
        worst = min(found, key=lambda f: _ORDER[f.severity])
        rows.append(
            FindingGroup(
                field=field,
                meaning=MEANING.get(field, ""),
                severity=worst.severity,
                households=len({f.household_id for f in found}),
                count=len(found),
                where=tuple(dict.fromkeys(f.where.name for f in found))[:6],
                how=tuple(dict.fromkeys(" > ".join(f.how) for f in found))[:4],
                evidence=worst.masked_evidence,
                reproduce=next((f.reproduce for f in found if f.reproduce), ""),
                attack=f"{attack_of(field).kind}: {attack_of(field).sentence}",
            )
        )
    return sorted(rows, key=lambda row: (_ORDER[row.severity], -row.households, row.field))


def compare(results: Sequence[RunResult]) -> list[tuple[str, list[str]]]:
    """The side-by-side table: one row a question, one cell a contract."""
    counts = [figures(result.ledger) for result in results]
    leaks = [distinct(f for response in r.seen.responses for f in response.findings) for r in results]
    questions: list[tuple[str, list[Any]]] = [
        ("verdict", [result.headline for result in results]),
        ("utterances sent", [count.utterances for count in counts]),
        ("clips kept / dropped", [f"{count.kept} / {count.dropped}" for count in counts]),
        ("responses searched", [len(result.seen.responses) for result in results]),
        ("findings in responses", [len(found) for found in leaks]),
        ("households identified", [len({f.household_id for f in found}) for found in leaks]),
        ("homes placed on a map", [_places(found) for found in leaks]),
        ("households looked up (addresses)", [_homes(found, "home.street") for found in leaks]),
        ("households with contacts exposed", [_homes(found, "contacts.") for found in leaks]),
        ("spoken secrets still audible", [_count(result, "spoken_secrets") for result in results]),
        ("planted leaks found", [f"{_found(r)} of {len(r.seen.controls)}" for r in results]),
    ]
    return [(question, [str(cell) for cell in cells]) for question, cells in questions]


def _places(findings: Sequence[Finding]) -> str:
    placed = [finding for finding in findings if finding.field == "home.latitude"]
    homes = len({finding.household_id for finding in placed})
    return f"{homes} ({placed[0].masked_evidence})" if placed else "0"


def _homes(findings: Sequence[Finding], field: str) -> int:
    return len({finding.household_id for finding in findings if finding.field.startswith(field)})


def _count(result: RunResult, check: str) -> int:
    return sum(len(verdict.findings) for verdict in result.verdicts if verdict.check == check)


def _found(result: RunResult) -> int:
    return sum(control.found for control in result.seen.controls)


def waveforms(results: Sequence[RunResult]) -> list[Waveform]:
    """The same utterance as each contract serves it: one that holds a secret and is served by all, if any is."""
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
    label = max(sorted(telling), key=lambda u: sum(w.secret is not None for w in per_run[0][u][0].utterance.words))
    return [_waveform(r, *run[label]) for r, run in zip(results, per_run, strict=True)]


def _waveform(result: RunResult, row: Row, served: Served) -> Waveform:
    audible = any(
        finding.check == "spoken_secrets" and row.utterance.utterance_id in finding.reproduce
        for finding in result.findings
    )
    clean = served.clean and not audible and served.wav is not None
    facts = served.facts
    pseudonyms = {"device": result.contract.redact.device, "customer": result.contract.redact.customer}
    as_what = {name: "a pseudonym" for name, operator in pseudonyms.items() if operator == "pseudonym"}
    shown = [
        (name, as_what.get(name, "shown") if facts.get(name) is not None else "not shown")
        for name in ("device", "customer", "given_name", "locality", "latitude")
    ]
    return Waveform(
        contract=result.contract.name,
        points=_points(facts.get("peaks") or []),
        audio=f"data:audio/wav;base64,{base64.b64encode(served.wav or b'').decode()}" if clean else None,
        note=f"utterance {row.utterance.utterance_id}",
        transcript=facts.get("transcript") if clean else None,
        shown=tuple((name.replace("latitude", "coordinates").replace("_", " "), state) for name, state in shown),
    )


def _points(peaks: Sequence[int]) -> str:
    """An SVG polygon, 600 x 100, mirrored about its middle."""
    if not peaks:
        return ""
    step, loudest = 600 / len(peaks), max(max(peaks), 1)
    heights = [peak * 48 / loudest for peak in peaks]
    upper = [f"{at * step:.1f},{50 - height:.1f}" for at, height in enumerate(heights)]
    lower = [f"{at * step:.1f},{50 + height:.1f}" for at, height in reversed(list(enumerate(heights)))]
    return " ".join(upper + lower)


def rules(contract: Contract) -> list[tuple[str, str]]:
    """The contract in a person's words."""
    redact = contract.redact
    return [
        ("a clip is kept for", ", ".join(contract.gate.admit).replace("_", " ")),
        ("consent", contract.gate.consent),
        ("device id / customer id / given name", f"{redact.device} / {redact.customer} / {redact.given_name}"),
        ("place", redact.location.show),
        ("time", redact.time_grain),
        ("words masked", ", ".join(redact.transcript.mask).replace("_", " ") or "none"),
        ("sound of masked words", redact.audio.masked_words),
        ("audio without a transcript", redact.audio.without_transcript),
        ("customer lookup", "yes" if contract.review.customer_lookup else "no"),
        ("declared disclosures", ", ".join(contract.allow) or "none"),
    ]
