"""A RunResult as report.html: one self-contained page for a privacy reviewer who was not there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from gateway.contract.model import Contract
from scenarios.checks.exposure import distinct
from scenarios.leaks.scorecard.untested import UNTESTED
from scenarios.model.ledger import figures
from scenarios.report.exposed import claims, exposed, workload
from scenarios.report.grouped import groups
from scenarios.report.measured import gate, redaction
from scenarios.report.precision import precision
from scenarios.report.result import RunResult
from scenarios.report.waveforms import waveforms
from scenarios.verdict import Finding, Outcome

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)


def page(result: RunResult, all_results: Sequence[RunResult]) -> str:
    """HTML text; `all_results` are the runs of the same fleet under other contracts, this one among them."""
    return _TEMPLATES.get_template("report.html.j2").render(
        result=result,
        sentence=sentence(result),
        others=all_results if len(all_results) > 1 else (),
        compare=compare(all_results),
        groups=groups(result.findings),
        waveforms=waveforms(all_results),
        ledger=msgspec.structs.asdict(figures(result.ledger, result.integrity)),
        sent=sum(row.delivery is not None for row in result.ledger.rows),
        responses=len(result.seen.responses),
        searched=sum(response.bytes for response in result.seen.responses),
        found_controls=sum(control.found for control in result.seen.controls),
        rules=rules(result.contract),
        controls=tuple(dict.fromkeys(control.name for control in result.seen.controls)),
        exposed=exposed(result),
        claims=claims(result),
        workload=workload(result),
        precision=precision(all_results),
        residual=result.residual,
        gate=gate(result),
        redaction=redaction(result),
        disclosures=disclosures(result),
        untested=UNTESTED,
        homes_named=len({f.household_id for response in result.seen.responses for f in response.findings}),
        example=next((row.utterance.utterance_id for row in result.ledger.rows if row.refs), "H01-D1-001"),
    )


def sentence(result: RunResult) -> str:
    """The verdict in one sentence for somebody with one minute."""
    if result.outcome is Outcome.UNKNOWN:
        names = ", ".join(v.check.replace("_", " ") for v in result.verdicts if v.outcome is Outcome.UNKNOWN)
        return f"No verdict can be given: {names} could not be settled."
    if result.outcome is Outcome.PASS:
        count = len(result.seen.responses)
        if result.waived:
            return f"Nothing new was found in {count} responses; {len(result.waived)} known findings are accepted."
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


def disclosures(result: RunResult) -> list[tuple[str, str]]:
    """What the contract shows on purpose, and how many that leaves to guess among."""
    least = result.contract.redact.location.min_anonymity
    towns = [row.people_least for row in result.residual.sets if row.people_least] if result.residual else []
    place = f"the smallest place shown has {min(towns):,} people" if towns else "no place was shown in this run"
    rows: list[tuple[str, str]] = []
    for field in result.contract.allow:
        if field.startswith("home."):
            rows.append((field, f"{place}; the contract promises {least:,} at least"))
        else:
            rows.append((field, "counted above, with whatever else is shown of the same clips"))
    return rows


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
