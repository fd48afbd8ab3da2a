"""A run on a worse wire: own connections over TLS, paced, with faults; and the same faults once more."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.runs import earlid, finished, report

FAULTS = "faults: [{kind: drop, share: 0.003, of: frame}, {kind: duplicate, share: 0.05}, {kind: reorder, share: 0.01}]"


@pytest.fixture
def rough(scenario: Callable[..., Path]) -> Path:
    return scenario("strict", f"wire: {{connections: own, pace: 300, max_lag_ms: 120000}}\n{FAULTS}")


def test_faults_are_recorded_survived_and_replayed(rough: Path, tmp_path: Path, tag: str, mosquitto: str) -> None:
    """Every utterance that must be kept is there once, whatever befell its frames; a replay ends the same."""
    first, again = tmp_path / "first", tmp_path / "again"
    recorded = first / "strict" / "faults.json"
    for out, more in ((first, ["--tls"]), (again, ["--replay", recorded])):
        code, _, said = finished(earlid("run", rough, "--out", out, *more, env={"EARLID_TEST_RUN": tag}))
        assert code == 0, said
    before, after = report(first), report(again)
    assert before["faults"] == after["faults"]
    assert before["faults"]["drop"] > 0
    assert before["digest"] == after["digest"]
    assert before["ledger"]["lost"] == before["ledger"]["duplicated"] == before["ledger"]["should_not_exist"] == 0
    assert before["pace"]["steps"] > 0
    assert [check["outcome"] for check in before["checks"] if check["name"] == "pace"] == ["pass"]
    assert {mark["digest"] for mark in json.loads(recorded.read_text())["marks"]}.isdisjoint({""})


def test_a_run_that_falls_behind_its_pace_is_unknown(scenario: Callable[..., Path], tmp_path: Path, tag: str) -> None:
    hasty = scenario("strict", "wire: {pace: 100000, max_lag_ms: 0.01}")
    code, _, said = finished(earlid("run", hasty, "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag}))
    assert code == 3, said
    made = report(tmp_path / "out")
    assert made["verdict"] == "unknown"
    assert not made["pace"]["p99_ms"] <= made["pace"]["limit_ms"]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--tls", "--broker", "amqtt"], "takes broker auto or mosquitto"),
        (["--tls", "--broker", "mqtt://127.0.0.1:1883"], "a URL says mqtts://"),
        (["--broker", "carrier-pigeon"], "broker"),
    ],
)
def test_a_broker_that_cannot_be_had_is_one_line(options: list[str], wanted: str, rough: Path, tmp_path: Path) -> None:
    code, _, said = finished(earlid("run", rough, "--out", tmp_path / "out", *options))
    assert code == 2
    assert wanted in said
    assert len(said.strip().splitlines()) == 1


def test_a_replay_of_something_else_is_one_line(rough: Path, tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text("[]")
    code, _, said = finished(earlid("run", rough, "--replay", tmp_path / "faults.json", "--out", tmp_path / "out"))
    assert code == 2
    assert "not a run's faults.json" in said
