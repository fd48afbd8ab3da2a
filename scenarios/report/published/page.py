"""A RunResult as report.html: one page without other files, for a privacy reviewer who did not see the run."""

from collections.abc import Callable, Sequence
from pathlib import Path

import jinja2

from gateway.contract.model import Contract
from scenarios.checks.exposure import distinct
from scenarios.leaks.scorecard.untested import UNTESTED
from scenarios.model.forbidden import RULES
from scenarios.report.checked import NOT_CHECKED, QUESTIONS, answer, left_out, ran, verdict_of
from scenarios.report.document import counts, reproducible
from scenarios.report.exposed import claims, exposed, workload
from scenarios.report.grouped import groups
from scenarios.report.load.page import load_parts
from scenarios.report.measured import gate, redaction
from scenarios.report.published.appendix import duties
from scenarios.report.published.labelled import labelled
from scenarios.report.published.precision import precision
from scenarios.report.published.waveforms import waveforms
from scenarios.report.result import RunResult
from scenarios.report.shown.covered import WHY_LEFT_OUT
from scenarios.verdict import Finding, Outcome

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([Path(__file__).parent, Path(__file__).parents[1] / "load"]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


_SEARCHED = (
    ("leaks", "in any response"),
    ("at_rest", "in any file the system wrote"),
    ("spoken_secrets", "in any clip as it sounds"),
)


def page(result: RunResult, all_results: Sequence[RunResult]) -> str:
    """The page as HTML text. `all_results` are the runs of one fleet, this run included. One run of each contract is
    compared."""
    compared = one_a_contract(result, all_results)
    text = _TEMPLATES.get_template("report.html.j2").render(
        result=result,
        title=title(result),
        sentence=sentence(result),
        disclosed=disclosed(result),
        questions=[(QUESTIONS.get(v.check, v.check), answer(v), v) for v in result.verdicts],
        left_out=left_out(result),
        why_left_out=WHY_LEFT_OUT,
        others=compared if len(compared) > 1 else (),
        compare=compare(compared),
        groups=groups(reproducible(result.findings, result)),
        waveforms=waveforms(compared),
        counts=counts(result),
        forbidding=RULES,
        tiles=tiles(result),
        searched_in=[what for check, what in _SEARCHED if ran(result, check)],
        ran={name: ran(result, name) for name in QUESTIONS},
        searched=sum(response.bytes for response in result.seen.responses),
        rules=rules(result.contract),
        controls=tuple(dict.fromkeys(control.name for control in result.seen.controls)),
        found_controls=_found(result),
        exposed=exposed(result) if ran(result, "leaks") else [],
        claims=claims(result),
        workload=workload(result),
        precision=precision(compared) if ran(result, "anonymity") else None,
        residual=result.residual,
        gate=gate(result) if ran(result, "gating", "conservation") else [],
        redaction=redaction(result),
        disclosures=disclosures(result),
        untested=UNTESTED,
        duties=duties(groups(result.findings)),
        loads=[load_parts(record) for record in result.seen.recorded],
        told_in=result.earlier.folder if result.earlier else result.out,
        example=next((row.utterance.utterance_id for row in result.ledger.rows if row.refs), "H01-D1-001"),
    )
    return labelled(text)


def title(result: RunResult) -> str:
    """What was judged: a contract of the built-in system, or somebody's own system by a contract."""
    own = result.made.own_name if result.made is not None else None
    return result.contract.name if own is None else f"{own}, judged by {result.contract.name}"


def sentence(result: RunResult) -> str:
    """The verdict in one sentence. It says no more than was checked."""
    if result.outcome is Outcome.UNKNOWN:
        return _unsettled(result)
    if result.outcome is Outcome.PASS:
        count = len(result.seen.responses)
        if result.waived:
            return f"Nothing new was found in what was checked; {len(result.waived)} known findings are accepted."
        if not ran(result, "leaks"):
            names = ", ".join(verdict.check.replace("_", " ") for verdict in result.verdicts)
            return f"What was checked is as it should be: {names}. Whether anybody can be identified was not checked."
        return f"Nothing that identifies any of {result.households} households was found in {count} responses."
    return _broken(result)


def _unsettled(result: RunResult) -> str:
    rest = next((verdict for verdict in result.verdicts if verdict.check == "not_judged"), None)
    names = ", ".join(
        v.check.replace("_", " ") for v in result.verdicts if v.outcome is Outcome.UNKNOWN and v is not rest
    )
    said = f"{names} could not be settled" if names else ""
    if rest is not None:
        said += f"{'; ' if said else ''}{rest.why}"
    return f"No verdict can be given: {said}."


def _broken(result: RunResult) -> str:
    places = [f for f in result.findings if f.field.endswith("latitude") and f.check == "leaks"]
    if places and ran(result, "leaks"):
        responses = sum(
            any(f.field.endswith("latitude") for f in response.findings) for response in result.seen.responses
        )
        return f"{responses} responses let an annotator place a household: {places[0].masked_evidence}."
    for check, what in (
        ("leaks", "What reviewers were shown identifies"),
        ("spoken_secrets", "What reviewers hear gives away secrets of"),
        ("at_rest", "What the system stored identifies"),
    ):
        verdict = verdict_of(result, check)
        homes = {finding.household_id for finding in verdict.findings} if verdict else set()
        if homes:
            return f"{what} {len(homes)} of {result.households} households."
    failed = [verdict for verdict in result.verdicts if verdict.outcome is Outcome.FAIL]
    return f"{failed[0].check.replace('_', ' ').capitalize()} failed: {failed[0].why}."


def tiles(result: RunResult) -> list[tuple[str, str]]:
    """Pairs of a figure and its meaning. A figure that no check examined says so."""
    seen = result.seen
    named = {f.household_id for response in seen.responses for f in response.findings}
    audible = redaction(result).audible
    leaks = ran(result, "leaks")
    return [
        (str(len(seen.responses)) if leaks else NOT_CHECKED, "responses searched for identities"),
        (f"{len(named)} of {result.households}" if leaks else NOT_CHECKED, "households identified"),
        (NOT_CHECKED if audible is None else str(audible), "spoken secrets still audible"),
        (
            f"{_found(result)} of {len(seen.controls)}" if ran(result, "positive_control") else NOT_CHECKED,
            "planted leaks found by the same search",
        ),
    ]


def disclosed(result: RunResult) -> str:
    """Two sentences on what reviewers learn even if every check holds.

    A contract says what the built-in system shows. Of somebody's own system it says only what is wanted.
    """
    if result.made is not None and result.made.own_name is not None:
        first = "Whoever hears a kept clip may recognise the voice, unless the system changes it."
        return f"{first} What its pages show of place and time is judged by anonymity and linkage alone."
    redact = result.contract.redact
    if not redaction(result).sound:
        first = "No recording was served in this run."
    elif redact.voice == "distort":
        first = "Reviewers hear recordings of people, with the voices distorted."
    else:
        first = "Reviewers hear recordings with people's own voices: whoever knows a person may recognise them."
    where = {
        "locality": "They also see the town a device stands in",
        "grid": "They also see the area a device stands in",
        "coordinates": "They also see the coordinates of the device",
        "nothing": "They see no place",
    }[redact.location.show]
    allowed = ", ".join(result.contract.allow)
    return f"{first} {where}" + (f"; the contract declares: {allowed}." if allowed else ".")


def one_a_contract(result: RunResult, all_results: Sequence[RunResult]) -> list[RunResult]:
    """One run of each contract, in the order of the runs: this run, and the first run of each other contract."""
    chosen = {each.contract.name: each for each in reversed(all_results)} | {result.contract.name: result}
    return [chosen[name] for name in dict.fromkeys(each.contract.name for each in all_results)]


def compare(results: Sequence[RunResult]) -> list[tuple[str, list[str]]]:
    """The comparison table: one row for each question, one cell for each run."""
    leaks = [distinct(f for response in r.seen.responses for f in response.findings) for r in results]
    questions: list[tuple[str, tuple[str, ...], Callable[[RunResult, Sequence[Finding]], object]]] = [
        ("verdict", (), lambda r, _: r.headline),
        ("utterances sent", (), lambda r, _: len(r.ledger.rows)),
        ("clips kept / dropped", ("conservation",), lambda r, _: f"{counts(r).kept} / {counts(r).dropped}"),
        ("responses searched", ("leaks",), lambda r, _: len(r.seen.responses)),
        ("findings in responses", ("leaks",), lambda _, found: len(found)),
        ("households identified", ("leaks",), lambda _, found: len({f.household_id for f in found})),
        ("homes placed on a map", ("leaks",), lambda _, found: _places(found)),
        ("households looked up (addresses)", ("leaks",), lambda _, found: _homes(found, "home.street")),
        ("households with contacts exposed", ("leaks",), lambda _, found: _homes(found, "contacts.")),
        ("spoken secrets still audible", ("spoken_secrets",), lambda r, _: _count(r, "spoken_secrets")),
        ("planted leaks found", ("positive_control",), lambda r, _: f"{_found(r)} of {len(r.seen.controls)}"),
    ]
    return [
        (
            question,
            [
                str(cell(result, found)) if not checks or ran(result, *checks) else NOT_CHECKED
                for result, found in zip(results, leaks, strict=True)
            ],
        )
        for question, checks, cell in questions
    ]


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
    """What the contract shows on purpose, and among how many homes that leaves one to guess."""
    least = result.contract.redact.location.min_anonymity
    if not ran(result, "anonymity"):
        return [(field, "how many it leaves to guess among was not checked") for field in result.contract.allow]
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
    """The contract in plain words."""
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
