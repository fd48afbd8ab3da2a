"""`earlid judge` on the command line: exit codes, and the line that runs it again."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app, main
from tests.scenarios.kept.fleet import TARGET, Fleet, fleet, truth_in


@pytest.fixture(scope="module")
def small() -> Fleet:
    return fleet(households=1)


def test_a_list_that_does_not_answer_is_unknown_and_written_down(tmp_path: Path, small: Fleet) -> None:
    truth = truth_in(tmp_path, small)
    target = tmp_path / "target.yaml"
    target.write_text(
        "target: 1\nkind: attached\nname: mine\nkept: {kind: http, list: http://127.0.0.1:9/x, session: call}\n"
    )
    out = tmp_path / "out"
    words = ["judge", "--truth", truth, "--target", target, "--out", out, "--most-false-accepts", "0.25"]
    run = CliRunner().invoke(app, [str(word) for word in words])
    assert run.exit_code == 3, run.output
    report = json.loads((out / "report.json").read_text())
    assert report["verdict"] == "unknown"
    assert {check["examined"] for check in report["checks"]} == {0}
    assert report["leaks"]["responses"] is None
    assert "--most-false-accepts 0.25" in report["made"]["command"]
    assert re.search(r'errors="6"', (out / "junit.xml").read_text())


def test_verdicts_are_told_although_no_report_can_be_written(
    tmp_path: Path, small: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = truth_in(tmp_path, small)
    (tmp_path / "kept").mkdir()
    (tmp_path / "target.yaml").write_text(TARGET.replace("JOIN", "exact"))
    (tmp_path / "full").write_text("a file, where a folder is wanted")
    words = ["judge", "--truth", truth, "--target", tmp_path / "target.yaml", "--out", tmp_path / "full" / "out"]
    monkeypatch.setattr("sys.argv", ["earlid", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert "system FAIL" in said.out
    assert "report:" not in said.out
    assert re.search(r"^earlid: .*full.*: the reports could not be written \(.+\)$", said.err, re.MULTILINE)


def test_scenes_of_another_fleet_are_refused(tmp_path: Path, small: Fleet) -> None:
    truth = truth_in(tmp_path, small)
    (tmp_path / "truth.scenes.json").write_bytes(b"{}")
    (tmp_path / "kept").mkdir()
    (tmp_path / "target.yaml").write_text(TARGET.replace("JOIN", "exact"))
    run = CliRunner().invoke(app, ["judge", "--truth", str(truth), "--target", str(tmp_path / "target.yaml")])
    assert "another fleet's" in str(run.exception)
