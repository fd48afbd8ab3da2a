"""SARIF, baseline and difference: what other programs read of a run."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from gateway.files import BadFile
from scenarios.model.expectation import Expect
from scenarios.report.baseline import accept, load_baseline, split
from scenarios.report.difference import difference, load_report
from scenarios.report.document import document
from scenarios.report.exposed import claims, exposed, workload
from scenarios.report.meaning import MEANING, attack_of
from scenarios.report.published.page import page
from scenarios.report.result import RunResult
from scenarios.report.sarif import sarif
from scenarios.verdict import Finding, Outcome, Verdict
from tests.scenarios.world import finding, observed, response, result

# The parts of SARIF 2.1.0 (OASIS, 2020) that a consumer relies on.
_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "shortDescription": _TEXT, "fullDescription": _TEXT},
}
_RESULT = {
    "type": "object",
    "required": ["message", "ruleId"],
    "properties": {
        "message": _TEXT,
        "level": {"enum": ["none", "note", "warning", "error"]},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "locations": {"type": "array", "items": {"type": "object"}},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "suppressions": {
            "type": "array",
            "items": {"required": ["kind"], "properties": {"kind": {"enum": ["inSource", "external"]}}},
        },
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {"required": ["name"], "properties": {"rules": {"items": _RULE}}},
                        },
                    },
                    "results": {"type": "array", "items": _RESULT},
                },
            },
        },
    },
}
FOUND = (finding(), finding("contacts.name", severity="medium", household_id="H02"))


def log(*findings: Finding, **more: dict[str, str]) -> dict[str, Any]:
    made = msgspec.json.decode(sarif(findings, **more))
    jsonschema.validate(made, SARIF)
    return made["runs"][0]


def test_every_result_names_a_declared_rule() -> None:
    run = log(*FOUND)
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len(MEANING)
    assert [rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"]] == [True, True]
    assert [r["level"] for r in run["results"]] == ["error", "warning"]


def test_an_unknown_field_gets_a_rule_and_an_empty_run_keeps_them() -> None:
    assert log(finding("join_tag"))["tool"]["driver"]["rules"][-1]["id"] == "join_tag"
    assert len(log()["tool"]["driver"]["rules"]) == len(MEANING)


def test_two_homes_are_two_alerts() -> None:
    prints = {r["partialFingerprints"]["earlid/v1"] for r in log(finding(), finding(household_id="H02"))["results"]}
    assert len(prints) == 2


def test_what_is_accepted_is_suppressed_not_hidden() -> None:
    run = log(*FOUND, accepted={FOUND[0].fingerprint: "known, mended soon"})
    assert ["suppressions" in r for r in run["results"]] == [True, False]


def baseline(tmp_path: Path, expires: str, reason: str = "known, mended in the next release") -> Path:
    path = tmp_path / "baseline.yaml"
    path.write_text(
        f"baseline: 1\naccepted:\n- {{fingerprint: {FOUND[0].fingerprint}, reason: '{reason}', expires: {expires}}}\n"
    )
    return path


def test_a_baseline_accepts_until_its_day_is_over(tmp_path: Path) -> None:
    accepted = load_baseline(baseline(tmp_path, "2026-12-31"))
    new, kept, notes = split(FOUND, accepted, today=date(2026, 12, 31))
    assert (new, kept, notes) == (FOUND[1:], FOUND[:1], ())
    new, kept, notes = split(FOUND, accepted, today=date(2027, 1, 1))
    assert (new, kept) == (FOUND, ())
    assert "is over" in notes[0]
    assert "not found any more" in split((), accepted, today=date(2026, 1, 1))[2][0]


def test_a_baseline_without_a_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="reason"):
        load_baseline(baseline(tmp_path, "2026-12-31", reason="no"))


def failing(*found: Finding, out: Path) -> RunResult:
    verdict = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="x", findings=found)
    return result((verdict,), out=out, seen=observed(responses=(response(findings=found),)))


def test_two_reports_differ_by_fingerprint(tmp_path: Path) -> None:
    reports = []
    for name, found in (("a", FOUND[:1]), ("b", FOUND[1:])):
        run = failing(*found, out=tmp_path / name)
        run.out.mkdir()
        (run.out / "report.json").write_bytes(msgspec.json.encode(document(run)))
        reports.append(load_report(run.out))
    seen = difference(*reports)
    assert [line.split()[1] for line in seen.appeared] == ["contacts.name"]
    assert [line.split()[1] for line in seen.gone] == ["home.latitude"]
    assert difference(reports[0], reports[0]).unchanged == 1
    with pytest.raises(BadFile):
        load_report(tmp_path / "none")


def test_a_finding_says_how_to_see_it_again(tmp_path: Path) -> None:
    report = document(failing(FOUND[0], out=tmp_path))
    assert report.checks[0].findings[0].reproduce == "earlid run strict --seed 1"


def test_who_saw_it_and_what_was_claimed(tmp_path: Path) -> None:
    run = failing(*FOUND, out=tmp_path)
    assert [(row.field, row.role, row.responses) for row in exposed(run)] == [
        ("contacts.name", "reviewer", 1),
        ("home.latitude", "reviewer", 1),
    ]
    assert [claim.outcome for claim in claims(run)][:2] == ["broken", "not tested"]
    assert "was not checked" in workload(run)  # no check of this run looked at the gate
    assert attack_of("devices.serial").kind == "linking"


def test_a_run_whose_findings_are_all_accepted_passes_and_says_so(tmp_path: Path) -> None:
    failed = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="2 findings", findings=FOUND[:1])
    known = load_baseline(baseline(tmp_path, "2026-12-31"))
    run = accept(result((failed,), out=tmp_path / "out"), known, today=date(2026, 12, 1))
    (verdict,) = run.verdicts
    assert (run.outcome, verdict.outcome, verdict.findings) == (Outcome.PASS, Outcome.PASS, ())
    assert "1 findings accepted" in verdict.why
    assert [(each.finding.fingerprint, each.expires) for each in run.waived] == [(FOUND[0].fingerprint, "2026-12-31")]
    text = page(run, [run])
    assert "known findings are accepted" in text
    assert "known, mended in the next release" in text
    assert document(run).waived[0].reason == "known, mended in the next release"


@pytest.mark.parametrize(("today", "extra"), [(date(2027, 1, 1), ()), (date(2026, 12, 1), FOUND[1:])])
def test_an_expired_entry_or_another_finding_fails_all_the_same(
    tmp_path: Path, today: date, extra: tuple[Finding, ...]
) -> None:
    failed = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="x", findings=(*FOUND[:1], *extra))
    run = accept(result((failed,), out=tmp_path), load_baseline(baseline(tmp_path, "2026-12-31")), today=today)
    assert run.outcome is Outcome.FAIL


def test_what_an_incident_must_show_cannot_be_accepted_away(tmp_path: Path) -> None:
    failed = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="x", findings=FOUND[:1])
    before = result((failed,), Expect(verdict="fail"), out=tmp_path)
    assert accept(before, load_baseline(baseline(tmp_path, "2026-12-31")), today=date(2026, 12, 1)) is before


def test_against_the_whole_published_schema() -> None:
    """EARLID_SARIF_SCHEMA names OASIS' file sarif-schema-2.1.0.json, which is not ours to ship."""
    path = os.environ.get("EARLID_SARIF_SCHEMA")
    if path is None:
        pytest.skip("EARLID_SARIF_SCHEMA names no schema file")
    logged = log(*FOUND, accepted={FOUND[0].fingerprint: "known, mended soon"})
    jsonschema.validate({"version": "2.1.0", "runs": [logged]}, msgspec.json.decode(Path(path).read_bytes()))
