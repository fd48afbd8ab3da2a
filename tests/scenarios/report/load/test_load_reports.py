"""load.json as a page, as JUnit, and beside another one."""

import random
from pathlib import Path
from xml.etree.ElementTree import fromstring

import msgspec
import pytest
from earlid.load.recorder import Recorder

from gateway.files import BadFile
from scenarios.commands.load import diff
from scenarios.report.load.compare import changes
from scenarios.report.load.junit_load import junit_load
from scenarios.report.load.page import load_page
from scenarios.report.load.picture import PANELS, picture
from scenarios.report.load.recorded import Recorded, load_recorded
from scenarios.verdict import Outcome

SEARCH = {
    "lost": False, "findings": {}, "unsearched": {}, "doubts": [], "responses": 400, "planted": 46, "found": 46,
    "workers": 2, "cpu_s": 4.0,
}  # fmt: skip


def recorded(*, slower: float = 1.0, failed: int = 0, seed: int = 1, **more: object) -> Recorded:
    rng, recorder = random.Random(seed), Recorder()
    for at in range(400):
        ms = rng.lognormvariate(3, 0.4) * slower
        recorder.request(100 + at / 20, "GET", "/a", "user", ms, failed=at < failed, size=100)
    for at in range(20):
        recorder.beat(100.0 + at, users=10, cpu_share=0.3, lag_ms=2.0)
    told = {
        "schema": 1, "began": 100.0, "warmup_s": 0.0, "seconds": recorder.timeline(), "objectives": [], "aborted": [],
        "routes": recorder.table({"GET": "GET", "/a": "/a", "user": "user"}), "saturated": "", "waited_share": 0.0,
        "search": SEARCH, **more,
    }  # fmt: skip
    return msgspec.convert(told, Recorded)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "pass"),
        ({"search": {**SEARCH, "findings": {"members.name in url of user GET /a": 1}}}, "fail"),
        ({"search": {**SEARCH, "unsearched": {"x": 1}}}, "unknown"),
        ({"search": {**SEARCH, "found": 45}}, "unknown"),
        ({"search": {**SEARCH, "lost": True}}, "unknown"),
        ({"search": {**SEARCH, "responses": 0}}, "unknown"),
        (
            {
                "objectives": [
                    {"objective": "o", "expression": "rate > 9", "value": 1.0, "outcome": "missed", "why": ""}
                ]
            },
            "fail",
        ),
        (
            {
                "objectives": [
                    {"objective": "o", "expression": "med < 9", "value": 1.0, "outcome": "unknown", "why": "w"}
                ]
            },
            "unknown",
        ),
    ],
)
def test_page_and_junit_say_the_verdict(more: dict[str, object], verdict: str) -> None:
    run = recorded(**more)  # type: ignore[arg-type]
    assert run.verdict == verdict
    assert f'<body class="{verdict}">' in load_page(run)
    suite = fromstring(junit_load(run))  # noqa: S314 (our own)
    assert (suite.get("failures") != "0", suite.get("errors") != "0") == (verdict == "fail", verdict == "unknown")


def test_every_panel_is_drawn_and_said_in_words() -> None:
    drawn = picture(recorded())
    assert drawn is not None
    assert [panel.name for panel in drawn.panels] == [panel.name for panel in PANELS]
    assert all(path.startswith("M") for panel in drawn.panels for _name, _style, path, _y in panel.curves)
    assert drawn.said.startswith("400 requests in 2")
    assert picture(recorded(seconds=[])) is None


def test_the_same_load_with_other_chance_is_the_same() -> None:
    for seed in range(2, 6):
        assert {row.verdict for row in changes(recorded(), recorded(seed=seed))} == {"same"}


@pytest.mark.parametrize(
    ("after", "figure"),
    [
        (recorded(slower=2.0, seed=2), "p(50) ms"),
        (recorded(failed=40), "failed"),
        (recorded(search={**SEARCH, "findings": {"a": 2}}), "leaks"),
    ],
)
def test_a_regression_is_told(after: Recorded, figure: str) -> None:
    assert figure in {row.figure for row in changes(recorded(), after) if row.verdict == "worse"}
    assert "better" in {row.verdict for row in changes(after, recorded())} or figure == "leaks"


def test_a_route_that_is_gone_is_unknown() -> None:
    assert "unknown" in {row.verdict for row in changes(recorded(), recorded(routes=[]))}


def test_what_is_no_record_is_one_line(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadFile, match="No such file"):
        load_recorded(tmp_path)
    (tmp_path / "load.json").write_text("{}")
    with pytest.raises(BadFile, match="no record of a load test"):
        load_recorded(tmp_path)


def test_a_run_in_which_nothing_was_searched_is_compared_with_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, empty = tmp_path / "whole.json", tmp_path / "empty.json"
    whole.write_bytes(msgspec.json.encode(recorded()))
    empty.write_bytes(msgspec.json.encode(recorded(search={**SEARCH, "responses": 0})))
    assert diff(whole, whole, as_json=False) is Outcome.PASS
    assert diff(empty, empty, as_json=False) is Outcome.UNKNOWN
    assert "empty.json: no answer was searched" in capsys.readouterr().out


def test_a_place_that_ceased_to_leak_is_told() -> None:
    leaking = recorded(search={**SEARCH, "findings": {"members.name in body of user GET /a": 3}})
    rows = {(row.figure, row.verdict) for row in changes(leaking, recorded())}
    assert ("leaks", "better") in rows
    assert ("leaks", "worse") in {(row.figure, row.verdict) for row in changes(recorded(), leaking)}
