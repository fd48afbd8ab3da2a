"""A report says no more than was checked: for every check, leave it out, and what it would have said is gone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from scenarios.model.expectation import Expect
from scenarios.report.checked import QUESTIONS
from scenarios.report.document import document
from scenarios.report.exposed import claims
from scenarios.report.junit import junit
from scenarios.report.published.page import compare, page, sentence
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import (
    delivered,
    finding,
    ledger,
    observed,
    recording,
    response,
    result,
    said,
    served,
    stored,
)

LEAKY = observed(
    responses=(response(findings=(finding(),)),),
    served={"ref-1": served(recording())},
    sounds={"H01-D1-001": recording()},
)
ALL = (
    "leaks",
    "positive_control",
    "coverage",
    "conservation",
    "should_not_exist",
    "gating",
    "spoken_secrets",
    "at_rest",
)


def verdicts(*names: str, outcome: Outcome = Outcome.PASS) -> tuple[Verdict, ...]:
    return tuple(Verdict(check=name, outcome=outcome, examined=3, why=f"{name} says so") for name in names)


def text_of(page_text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", page_text, flags=re.DOTALL))


def test_with_conservation_alone_nobody_is_called_clean(tmp_path: Path) -> None:
    run = result(verdicts("conservation"), out=tmp_path, seen=LEAKY)
    assert "not checked" in sentence(run)
    assert "Nothing that identifies" not in text_of(page(run, [run]))
    rows = dict(compare([run]))
    for question in (
        "responses searched",
        "households identified",
        "spoken secrets still audible",
        "planted leaks found",
    ):
        assert rows[question] == ["not checked"], question
    assert rows["clips kept / dropped"] == ["1 / 0"]


@pytest.mark.parametrize(
    ("left_out", "what"),
    [
        ("leaks", lambda report: (report.leaks.responses, report.leaks.bytes, report.leaks.needles)),
        ("positive_control", lambda report: (report.leaks.planted, report.leaks.planted_found)),
        ("coverage", lambda report: (report.leaks.routes_seen, report.leaks.routes_total)),
        ("conservation", lambda report: (report.ledger.kept, report.ledger.lost, report.ledger.corrupt)),
        ("gating", lambda report: (report.gating,)),
    ],
)
def test_the_figures_of_a_check_that_was_left_out_are_null(
    left_out: str, what: Callable[..., Any], tmp_path: Path
) -> None:
    whole = document(result(verdicts(*ALL), out=tmp_path, seen=LEAKY))
    assert None not in what(whole)
    part = document(result(verdicts(*(name for name in ALL if name != left_out)), out=tmp_path, seen=LEAKY))
    assert set(what(part)) == {None}
    assert QUESTIONS[left_out] in part.not_checked
    assert QUESTIONS[left_out] not in whole.not_checked


def test_a_check_that_examined_nothing_gives_no_figures(tmp_path: Path) -> None:
    blind = Verdict(check="spoken_secrets", outcome=Outcome.UNKNOWN, examined=0, why="no clip")
    run = result((blind,), out=tmp_path, seen=LEAKY)
    assert dict(compare([run]))["spoken secrets still audible"] == ["not checked"]


def test_the_endings_add_up(tmp_path: Path) -> None:
    kept, dropped, muted, lost = (said(f"H01-D1-00{n}") for n in range(1, 5))
    muted = msgspec.structs.replace(muted, kind="muted", expected="drop", acoustic=False)
    book = ledger(
        (kept, delivered(kept), [stored(kept), stored(kept, "ref-2")]),
        (dropped, delivered(dropped, "dropped", "no_wake_word"), []),
        (muted, delivered(muted), [stored(muted, "ref-3")]),
        (lost, None, []),
    )
    counts = document(result(verdicts("conservation"), out=tmp_path, ledger=book)).ledger
    assert (counts.kept, counts.dropped, counts.lost, counts.should_not_exist) == (1, 1, 1, 1)
    assert counts.kept + counts.dropped + counts.lost + counts.should_not_exist == counts.utterances == 4
    assert (counts.duplicated, counts.false_rejects) == (1, 1)


def test_claims_hold_are_broken_or_were_not_tested(tmp_path: Path) -> None:
    muted = said("H01-D1-002", kind="muted", expected="drop", acoustic=False)
    wake = said()
    rows = ((wake, delivered(wake), [stored(wake)]), (muted, delivered(muted, "dropped", "muted"), []))  # type: ignore[var-annotated]
    run = result(verdicts("should_not_exist"), out=tmp_path, ledger=ledger(*rows))
    told = {claim.says: claim for claim in claims(run)}
    assert told["a muted microphone leaves nothing"].outcome == "holds"
    assert "0 of 1" in told["a muted microphone leaves nothing"].measured
    assert "95 %" in told["a muted microphone leaves nothing"].measured
    assert told["a home without consent leaves nothing"].outcome == "not tested"
    assert told["an unknown device leaves nothing"].outcome == "not tested"
    assert told["nothing a reviewer is shown identifies a household"].outcome == "not tested"
    sent = msgspec.structs.replace(run, hostile={"no_claim": 21})
    assert {c.says: c.outcome for c in claims(sent)}["an unknown device leaves nothing"] == "holds"


def test_an_unmet_expectation_is_a_failure_everywhere(tmp_path: Path) -> None:
    run = result(verdicts("leaks", "positive_control"), Expect(verdict="fail"), out=tmp_path)
    assert run.final is Outcome.FAIL
    assert run.headline == "system PASS, but FAIL was expected"
    suite = ElementTree.fromstring(junit(run))  # noqa: S314 (our own)
    assert suite.get("failures") == "1"
    assert suite.find("testcase[@name='expectation']/failure") is not None
    assert "PASS, but FAIL was expected" in page(run, [run])
    assert document(run).unmet == ("PASS, but FAIL was expected",)


@pytest.mark.parametrize(
    ("expect", "unmet"),
    [
        ({"checks": {"leaks": "fail"}}, "leaks is PASS, but FAIL was expected"),
        ({"findings": ("home.latitude",)}, "no finding of home.latitude"),
        ({"outcomes": {"kept": 2}}, "1 utterances end as kept, but == 2 was expected"),
        ({"outcomes": {"kept": "< 1"}}, "1 utterances end as kept, but < 1 was expected"),
        ({"counts": {"leaks.findings": ">= 1"}}, "leaks.findings is 0, but >= 1 was expected"),
        ({"counts": {"gating.false_rejects": 0}}, "gating.false_rejects is not measured"),
    ],
)
def test_what_is_not_as_expected_is_named(expect: dict[str, object], unmet: str, tmp_path: Path) -> None:
    checks = verdicts("leaks", "positive_control", "conservation")
    run = result(checks, Expect(verdict="pass", **expect), out=tmp_path)
    assert len(run.unmet) == 1
    assert run.unmet[0].startswith(unmet)
    assert run.final is Outcome.FAIL
