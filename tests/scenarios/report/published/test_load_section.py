"""The report of a run shows the load over time, one section a stage."""

from pathlib import Path

import msgspec

from scenarios.report.published.page import page
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.report.load.test_load_reports import recorded
from tests.scenarios.world import observed, result


def test_each_stage_is_drawn(tmp_path: Path) -> None:
    stages = (msgspec.json.encode(recorded()), msgspec.json.encode(recorded(seed=2)))
    verdicts = (Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="nothing"),)
    run = result(verdicts, out=tmp_path, seen=observed(recorded=stages))
    html = page(run, [run])
    assert html.count("The run over time") == 2
    assert "Stage 2" in html
    assert "The load over time" not in page(result(verdicts, out=tmp_path), [])
