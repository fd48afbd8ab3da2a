"""A table that goes into a file is not broken at 80 columns."""

from pathlib import Path

import msgspec
import pytest

from scenarios.commands.suite import tell
from scenarios.report.result import RunResult
from scenarios.report.shown.terminal import terminal
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import result


def named(name: str, out: Path) -> RunResult:
    made = result((Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x"),), out=out)
    return msgspec.structs.replace(made, scenario=made.scenario.model_copy(update={"name": name}))


def test_six_runs_side_by_side_stay_on_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    tell([named(f"a-rather-long-name-of-a-run-{number}", tmp_path) for number in range(6)])
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if "a-rather-long-name-of-a-run-0" in line]
    assert all(f"a-rather-long-name-of-a-run-{number}" in heads[0] for number in range(6))
    assert sum("households looked up (addresses)" in line for line in lines) == 1


def test_a_width_that_is_asked_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert terminal().width == 60
