"""The page of a suite: every run, and how it went before."""

import re
from pathlib import Path

import msgspec

from scenarios.report.published.index import TRENDS, index_page, remembered, trend
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import result


def test_each_run_has_a_row_that_links_to_its_report_and_says_what_changed(tmp_path: Path) -> None:
    good = trend(result((Verdict(check="leaks", outcome=Outcome.PASS, examined=3, why="x"),), out=tmp_path))
    bad = msgspec.structs.replace(good, final="fail", findings=2)
    (tmp_path / TRENDS).write_bytes(msgspec.json.encode(bad) + b"\nnot a line\n")
    text = index_page([good], remembered(tmp_path))
    assert 'href="strict/report.html"' in text
    assert "was fail, 2 findings fewer" in text
    assert "Every run ended as it must" in text
    assert "Something is not as it must be" in index_page([bad], [])
    assert "first run here" in index_page([bad], [])


def test_a_picture_shows_the_runs_from_the_oldest_to_this_one(tmp_path: Path) -> None:
    now = trend(result((Verdict(check="leaks", outcome=Outcome.PASS, examined=3, why="x"),), out=tmp_path))
    before = [msgspec.structs.replace(now, final="fail", findings=4), msgspec.structs.replace(now, final="unknown")]
    text = index_page([now], before)
    assert 'aria-label="fail, findings: 4; unknown, findings: 0; pass, findings: 0"' in text
    dots = re.findall(r'<circle class="(\w+)" cx="([\d.]+)" cy="([\d.]+)"', text)
    assert dots == [("fail", "7.0", "7.0"), ("unknown", "21.0", "29.0"), ("pass", "35.0", "29.0")]
    assert "<svg" not in index_page([now], [])


def test_no_run_is_no_pass() -> None:
    assert "Not everything could be settled" in index_page([], [])
