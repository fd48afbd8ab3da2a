"""Reports: complete, valid, self-contained, and never written when they would name somebody."""

import base64
import zlib
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest

from gateway.identities import Household, Identities, Member, Place
from scenarios.leaks.detector import LeakDetector
from scenarios.model.expectation import Expect
from scenarios.report.document import Report, document
from scenarios.report.leaking import ReportLeaks
from scenarios.report.published.page import page
from scenarios.report.published.written import write_reports, write_searched
from scenarios.report.utterances.history import read_history
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, observed, recording, response, result, served

HOME = Household(
    household_id="H01",
    customer_id="A2X9PLMZK48QRT",
    home=Place(
        street="4471 Quillfeather Lane", city="Ashland", state="Oregon", latitude=42.19458, longitude=-122.70948
    ),
    members=(Member(person_id="P1", name="Ottoline Brackwater", given_name="Ottoline", family_name="Brackwater"),),
)
DETECTOR = LeakDetector(Identities(schema=1, households=(HOME,)))
FAIL = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="1 finding", findings=(finding(),))
UNKNOWN = Verdict(check="coverage", outcome=Outcome.UNKNOWN, examined=0, why="no routes")
SEEN = observed(
    responses=(response(findings=(finding(),)),),
    served={"ref-1": served(recording())},
    sounds={"H01-D1-001": recording()},
)


def test_a_run_leaves_all_its_reports(tmp_path: Path) -> None:
    run = result((FAIL, UNKNOWN), out=tmp_path / "out", seen=SEEN)
    write_reports(run, [run], DETECTOR)
    assert {path.name for path in run.out.iterdir()} == {
        "report.html",
        "report.json",
        "junit.xml",
        "findings.sarif",
        "history.jsonl",
    }
    report = msgspec.json.decode((run.out / "report.json").read_bytes(), type=Report)
    assert (report.verdict, report.schema, report.leaks.findings[0].field) == ("fail", 1, "home.latitude")
    suite = ElementTree.parse(run.out / "junit.xml").getroot()  # noqa: S314 (our own)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")
    steps = [event.step for event in read_history(run.out, "H01-D1-001")]
    assert steps == ["said", "sent", "decided", "receipt", "stored", "audible", "shown", "ends as"]


def test_an_incident_that_fails_as_expected_fails_no_build(tmp_path: Path) -> None:
    sees = Verdict(check="positive_control", outcome=Outcome.PASS, examined=1, why="x")
    run = result((FAIL, sees), Expect(verdict="fail"), out=tmp_path, seen=SEEN)
    write_reports(run, [run], DETECTOR)
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().get("failures") == "0"  # noqa: S314 (our own)
    assert "as expected" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    "evidence", ["4471 Quillfeather Lane", "Ottoline Brackwater", "42.19458, -122.70948", "A2X9PLMZK48QRT"]
)
def test_a_report_that_would_name_somebody_is_not_written(evidence: str, tmp_path: Path) -> None:
    told = Verdict(
        check="leaks", outcome=Outcome.FAIL, examined=1, why="x", findings=(finding(masked_evidence=evidence),)
    )
    run = result((told,), out=tmp_path / "out", seen=SEEN)
    with pytest.raises(ReportLeaks) as raised:
        write_reports(run, [run], DETECTOR)
    assert evidence not in str(raised.value)
    assert not run.out.exists()


def test_a_clip_that_identifies_somebody_has_no_player_and_no_words(tmp_path: Path) -> None:
    unheard = result((UNKNOWN,), out=tmp_path, seen=SEEN)
    assert "data:audio/wav" not in page(unheard, [unheard])  # nobody listened: nobody knows
    listened = Verdict(check="spoken_secrets", outcome=Outcome.PASS, examined=1, why="x")
    heard = result((UNKNOWN, listened), out=tmp_path, seen=SEEN)
    clean = page(heard, [heard])
    assert "data:audio/wav" in clean
    assert "alexa call [contact]" in clean
    dirty = msgspec.structs.replace(SEEN.served["ref-1"], clean=False)
    run = result((FAIL,), out=tmp_path, seen=msgspec.structs.replace(SEEN, served={"ref-1": dirty}))
    text = page(run, [run])
    assert "data:audio/wav" not in text
    assert "alexa call" not in text
    assert "No player and no words" in text


def test_an_audible_secret_takes_the_player_away_too(tmp_path: Path) -> None:
    heard = finding("contacts.name", check="spoken_secrets", reproduce="earlid why H01-D1-001")
    verdict = Verdict(check="spoken_secrets", outcome=Outcome.FAIL, examined=1, why="x", findings=(heard,))
    run = result((verdict,), out=tmp_path, seen=SEEN)
    assert "data:audio/wav" not in page(run, [run])


def test_figures_nobody_measured_are_null(tmp_path: Path) -> None:
    report = document(result((UNKNOWN,), out=tmp_path, seen=observed(load=None)))
    assert report.load is None
    assert report.ledger.corrupt is None
    book = Verdict(check="conservation", outcome=Outcome.PASS, examined=1, why="x")
    assert document(result((UNKNOWN,), out=tmp_path, seen=SEEN)).ledger.corrupt is None  # nobody looked at it
    assert document(result((book,), out=tmp_path, seen=SEEN)).ledger.corrupt == 0


def test_the_page_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    run = result((FAIL, UNKNOWN), out=tmp_path, seen=SEEN)
    text = page(run, [run, run])
    assert "http" not in text.replace("http-equiv", "")
    assert not np.any([tag in text for tag in ("<script", "<link", "@import", "<iframe")])


@pytest.mark.parametrize(
    ("writer", "file"),
    [
        ("page", "report.html"),
        ("document", "report.json"),
        ("junit", "junit.xml"),
        ("sarif", "findings.sarif"),
        ("history", "history.jsonl"),
    ],
)
def test_every_file_is_searched_before_any_is_written(
    writer: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each writer alone tells: base64, so that no look at the text would do."""
    told = base64.b64encode(b"Ottoline Brackwater lives at 4471 Quillfeather Lane").decode()
    text: object = {"page": told, "document": {"told": told}}.get(writer, told.encode())
    monkeypatch.setattr(f"scenarios.report.published.written.{writer}", lambda *_args, **_more: text)
    run = result((UNKNOWN,), out=tmp_path / "out", seen=SEEN)
    with pytest.raises(ReportLeaks, match=file.replace(".", r"\.")) as raised:
        write_reports(run, [run], DETECTOR)
    assert "Ottoline" not in str(raised.value)
    assert not run.out.exists()


def test_what_cannot_be_searched_to_its_end_is_not_written(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    with pytest.raises(ReportLeaks, match="searched to its end"):
        write_searched(tmp_path / "out", {"twin.json": bomb}, DETECTOR)
    assert not (tmp_path / "out").exists()
    write_searched(tmp_path / "out", {"twin.json": b"{}"}, DETECTOR)
    assert (tmp_path / "out" / "twin.json").read_bytes() == b"{}"


def test_what_an_earlier_run_left_goes(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_bytes(b"{}")
    write_reports(result((UNKNOWN,), out=tmp_path, seen=SEEN), [], DETECTOR)
    assert not (tmp_path / "faults.json").exists()


def test_a_clip_in_a_page_is_searched_as_what_it_is(tmp_path: Path) -> None:
    hidden = base64.b64encode(b"RIFF....WAVE Ottoline Brackwater")
    with pytest.raises(ReportLeaks, match=r"report\.html"):
        write_searched(tmp_path, {"report.html": b"<audio src='data:audio/wav;base64," + hidden + b"'>"}, DETECTOR)
