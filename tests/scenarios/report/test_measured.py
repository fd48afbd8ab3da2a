"""Figures of gate, redaction, exposure and places, counted from made-up runs."""

from pathlib import Path

import pytest

from scenarios.attacks.anonymity import Placed
from scenarios.attacks.residual import Residual
from scenarios.report.exposed import exposed
from scenarios.report.grouped import groups
from scenarios.report.measured import gate, redaction
from scenarios.report.published.precision import precision
from scenarios.verdict import Outcome, Verdict, Where
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

NONE = (Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x"),)


def test_people_who_could_and_people_who_did(tmp_path: Path) -> None:
    responses = (
        response(findings=(finding(),), person="reviewer1"),
        response(findings=(finding(),), person="reviewer1", route="/api/clips/{ref}"),
        response(person="reviewer2"),
        response(role="lead", findings=(finding(),), person="lead1"),
    )
    rows = {row.role: row for row in exposed(result(NONE, out=tmp_path, seen=observed(responses=responses)))}
    reviewer = rows["reviewer"]
    assert (reviewer.could, reviewer.did, reviewer.routes, reviewer.responses) == (4, 1, 2, 2)
    assert (rows["lead"].could, rows["lead"].did) == (1, 1)


def test_a_load_that_does_not_say_who_is_not_counted_as_nobody(tmp_path: Path) -> None:
    (row,) = exposed(result(NONE, out=tmp_path, seen=observed(responses=(response(findings=(finding(),)),))))
    assert (row.could, row.did) == (None, None)


def test_the_gate_by_kind(tmp_path: Path) -> None:
    wake, muted = said(), said("H01-D1-002", kind="muted", expected="drop")
    book = ledger((wake, delivered(wake), [stored(wake)]), (muted, delivered(muted, "dropped", "muted"), []))
    rows = gate(result(NONE, out=tmp_path, ledger=book))
    assert [(row.should, row.sent, row.kept, row.dropped) for row in rows] == [("kept", 1, 1, 0), ("dropped", 1, 0, 1)]


def test_redaction_counts_masked_words_and_withheld_sound(tmp_path: Path) -> None:
    shown = {
        "ref-1": served(recording(), transcript="alexa call [contact] at [phone] now", peaks=[0, 9, 0, 4]),
        "ref-2": served(None, "ref-2", transcript=None, withheld="no_transcript", peaks=[]),
    }
    found = redaction(result(NONE, out=tmp_path, seen=observed(served=shown)))
    assert (found.clips, found.words, dict(found.masked)) == (2, 6, {"contact": 1, "phone": 1})
    assert dict(found.withheld) == {"no_transcript": 1}
    assert found.silent_share == pytest.approx(0.5)
    assert found.secrets == 1


def test_homes_are_drawn_where_they_can_be_placed(tmp_path: Path) -> None:
    homes = (
        Placed(household_id="H01", metres=1.0, by="coordinates"),
        Placed(household_id="H02", metres=400.0, by="grid cell"),
        Placed(household_id="H03", metres=2_600.0, by="town"),
        Placed(household_id="H04", metres=None, by="nothing"),
    )
    plot = precision([result(NONE, out=tmp_path, residual=Residual(placed=homes))])
    assert plot is not None
    (strip,) = plot.strips
    assert [count for _, count in strip.bands] == [1, 1, 1, 1]
    across = [dot.x for dot in strip.dots]
    assert across == sorted(across)
    assert (across[0], across[-1]) == (plot.ticks[0][0], plot.nowhere)
    assert [dot.kind for dot in strip.dots] == ["leaks", "leaks", "declared", "clean"]
    assert precision([result(NONE, out=tmp_path)]) is None


def test_findings_of_a_field_without_a_meaning_still_read(tmp_path: Path) -> None:
    (row,) = groups([finding("join_tag")])
    assert (row.brief, row.meaning) == ("join_tag", "")


def test_the_place_that_shows_most_households_is_named_first() -> None:
    found = [
        finding("home.street", household_id=home, where=Where(kind="response_body", name=name))
        for home, name in (("H01", "kept record"), ("H01", "GET /a"), ("H02", "GET /a"), ("H02", "GET /a"))
    ]
    (row,) = groups(found)
    assert (row.where, row.places) == (("GET /a", "kept record"), 2)
