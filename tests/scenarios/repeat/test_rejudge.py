"""A finished run, judged again: what it recorded, and nothing that it did not."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks.detector import LeakDetector
from scenarios.model.observations import Aged
from scenarios.model.scenario import Scenario
from scenarios.repeat import rejudge as module
from scenarios.repeat.rejudge import rejudge
from scenarios.report.made import Made
from scenarios.report.published.written import write_reports
from scenarios.report.record import read_record
from scenarios.report.result import RunResult
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, observed, recording, response, result, served

TEXT = """\
scenario: 2
name: strict
about: x
seed: 7
contract: strict
fleet: {households: 2, utterances_per_device: 3}
load: {p95_ms: 900}
checks: [leaks, gating]
"""
HEAD = Made(
    started="2026-11-29T01:00:00+00:00",
    seconds=9.0,
    earlid="x",
    target="built in",
    machine="x",
    operator=None,
    command="earlid run mine.yaml --seed 7",
)
PASSED = Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector knows nobody: these runs are made up."""
    empty = LeakDetector(Identities(schema=1, households=()))
    monkeypatch.setattr(module, "make_detector", lambda *_: empty)


def finished(folder: Path, verdicts: tuple[Verdict, ...] = (PASSED,), **more: Any) -> Path:
    """The out folder of a run of TEXT."""
    (folder / "mine.yaml").write_text(TEXT)
    out = folder / "out"
    scenario = Scenario.model_validate(
        {
            "scenario": 2,
            "name": "strict",
            "about": "x",
            "seed": 7,
            "fleet": {"households": 2, "utterances_per_device": 3},
            "load": {"p95_ms": 900},
            "checks": ("leaks", "gating"),
        }
    )
    run = result(verdicts, scenario=scenario, out=out, made=HEAD, whole=True, **more)
    assert write_reports(run, [run], LeakDetector(Identities(schema=1, households=()))) is None
    return out


def outcomes(again: RunResult) -> dict[str, str]:
    return {verdict.check: verdict.outcome.value for verdict in again.verdicts}


def test_other_checks_judge_the_same_run(tmp_path: Path) -> None:
    out = finished(tmp_path, seen=observed(responses=(response(findings=(finding(),)),)))
    again = rejudge(out, path=None, checks=["leaks", "conservation"], out=tmp_path / "again").result
    assert outcomes(again) == {"leaks": "fail", "conservation": "pass"}
    assert again.ledger.digest == read_record(out).ledger.digest
    assert "judged again" in again.headline
    assert str(out) in again.headline
    assert again.command == f"earlid run --reuse {out} --check leaks --check conservation"


def test_findings_that_the_new_checks_do_not_judge_make_it_unknown(tmp_path: Path) -> None:
    out = finished(tmp_path, seen=observed(responses=(response(findings=(finding(),)),)))
    again = rejudge(out, path=None, checks=["conservation"], out=tmp_path / "again").result
    assert again.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("check", ["spoken_secrets", "retention", "access", "review_work", "linkage", "anonymity"])
def test_what_the_run_did_not_record_is_never_a_pass(tmp_path: Path, check: str) -> None:
    aged = (Aged(days=0, clips=1, linked=0, owned=0),)
    out = finished(tmp_path, seen=observed(aged=aged, served={"ref-1": served(recording())}))
    again = rejudge(out, path=None, checks=[check], out=tmp_path / "again").result
    assert outcomes(again)[check] == "unknown"


def test_what_was_heard_keeps_its_verdict(tmp_path: Path) -> None:
    heard = Verdict(check="spoken_secrets", outcome=Outcome.FAIL, examined=4, why="1 of 4", findings=(finding(),))
    out = finished(tmp_path, (heard,))
    again = rejudge(out, path=None, checks=["spoken_secrets"], out=tmp_path / "again").result
    assert again.verdicts[0] == heard


def test_a_file_brings_limits_and_an_expectation(tmp_path: Path) -> None:
    out = finished(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(
        TEXT.replace("checks: [leaks, gating]", "checks: [leaks, load]\nthresholds: [load.p95_ms < 1]")
        + "expect: {verdict: fail}\n"
    )
    again = rejudge(out, path=file, checks=[], out=tmp_path / "again").result
    assert outcomes(again)["thresholds"] == "fail"
    assert again.as_expected
    assert again.scenario.seed == 7


def test_a_warm_up_that_nobody_noted_is_not_measured(tmp_path: Path) -> None:
    out = finished(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(
        TEXT.replace(
            "checks: [leaks, gating]", "checks: [leaks, load]\nthresholds: [{that: load.p95_ms < 900, warmup: 3s}]"
        )
    )
    assert outcomes(rejudge(out, path=file, checks=[], out=tmp_path / "again").result)["thresholds"] == "unknown"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("households: 2", "households: 3", "fleet: the run in"),
        ("contract: strict", "contract: apple-2019", "contract: the run in"),
        ("load: {p95_ms: 900}", "load: {reviewers: 9}", "load: the run in"),
        ("checks:", "faults: [{kind: drop, share: 0.1}]\nchecks:", "faults: the run in"),
    ],
)
def test_a_file_of_another_run_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    out = finished(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT.replace(old, new))
    with pytest.raises(BadFile, match=told):
        rejudge(out, path=file, checks=[], out=tmp_path / "again")


def test_a_folder_without_a_record_and_a_wrong_check_are_told(tmp_path: Path) -> None:
    out = finished(tmp_path)
    with pytest.raises(BadFile, match=r"record.json: not there; .*runs in it: .*out"):
        rejudge(tmp_path, path=None, checks=[], out=tmp_path / "again")
    with pytest.raises(BadFile, match="check gatin: did you mean gating"):
        rejudge(out, path=None, checks=["gatin"], out=tmp_path / "again")
    with pytest.raises(BadFile, match="--check pace: pace: there is none"):
        rejudge(out, path=None, checks=["pace"], out=tmp_path / "again")
    (out / "record.json").write_text("{}")
    with pytest.raises(BadFile, match="no record of this version"):
        rejudge(out, path=None, checks=[], out=tmp_path / "again")


def test_the_record_holds_no_word_no_sound_and_no_id_of_the_wire(tmp_path: Path) -> None:
    text = (finished(tmp_path, seen=observed(served={"ref-1": served(recording())})) / "record.json").read_text()
    assert "laura" not in text
    assert "session-H01" not in text
    record = msgspec.json.decode(text.encode())
    assert record["seen"]["served"]["ref-1"] == {"ref": "ref-1", "facts": {}, "wav": None, "clean": True}


def test_what_is_written_of_it_tells_no_history(tmp_path: Path) -> None:
    out = finished(tmp_path)
    run = rejudge(out, path=None, checks=["leaks"], out=tmp_path / "again")
    write_reports(run.result, [run.result], run.detector)
    names = {path.name for path in (tmp_path / "again").iterdir()}
    assert names == {"report.html", "report.json", "junit.xml", "findings.sarif"}
    page = (tmp_path / "again" / "report.html").read_text()
    assert "nothing was run" in page
    assert f"earlid why H01-D1-001 --out {out}" in page
