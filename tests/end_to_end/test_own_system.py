"""`earlid run --target` on a stranger's system (tests/broken/flask_system.py): each of five planted faults is found and
named, nothing alarms in the mended one, and no process is left."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gateway.files import BadFile
from scenarios.own_system.own_run import run_own
from scenarios.report.result import RunResult
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options
from tests.broken.flask_system import FAULTS
from tests.end_to_end.own_systems import own_at, prepared_in, scenario_in, target_in

CHECKS = (
    "leaks", "positive_control", "conservation", "should_not_exist", "gating", "spoken_secrets", "at_rest",
)  # fmt: skip
# What each fault breaks. Serials are shown in the page and in the list; a kept false wake is not redacted by its rules.
NAMED = {
    "ignores_the_switch": {"should_not_exist"},
    "keeps_false_wakes": {"gating"},
    "shows_serials": {"leaks"},
    "secrets_audible": {"spoken_secrets"},
    "stores_twice": {"conservation"},
}
PASSWORD = "not-in-any-report-8264"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_PASSWORD", PASSWORD)


def run(folder: Path, target: Path, more: str = "") -> RunResult:
    quiet = Narrator(quiet=True)
    return run_own(
        prepared_in(folder, more), own_at(target), out=folder / "out", options=Options(), narrator=quiet
    ).result


def outcomes(result: RunResult) -> dict[str, str]:
    return {verdict.check: verdict.outcome.value for verdict in result.verdicts}


def test_nothing_alarms_in_the_mended_one(tmp_path: Path) -> None:
    result = run(tmp_path, target_in(tmp_path))
    assert outcomes(result) == dict.fromkeys(CHECKS, "pass"), [v.why for v in result.verdicts]
    assert len(result.ledger.rows) >= 10
    assert not left_over(tmp_path)


def test_the_embedded_broker_serves_as_well(tmp_path: Path) -> None:
    result = run(tmp_path, target_in(tmp_path, "ignores_the_switch", broker="amqtt"))
    wrong = {check for check, outcome in outcomes(result).items() if outcome != "pass"}
    assert (result.broker, wrong) == ("amqtt", {"should_not_exist"}), [v.why for v in result.verdicts]


def test_a_killed_gateway_comes_back_and_what_it_missed_is_said(tmp_path: Path) -> None:
    more = "timeline: [{at: 30s, do: gateway_kill}]\n"
    result = run(tmp_path, target_in(tmp_path), more)
    assert outcomes(result)["should_not_exist"] == "pass"
    assert result.schedule is not None
    with pytest.raises(BadFile, match="vault_restart: the target has no part called vault"):
        run(tmp_path, target_in(tmp_path), "timeline: [{at: 30s, do: vault_restart}]\n")
    assert not left_over(tmp_path)


def test_every_planted_fault_has_a_name_here() -> None:
    assert set(NAMED) == set(FAULTS) - {"mended"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", NAMED)
def test_a_planted_fault_is_found_and_nothing_else(tmp_path: Path, fault: str) -> None:
    result = run(tmp_path, target_in(tmp_path, fault, join="sound" if fault == "secrets_audible" else "exact"))
    wrong = {check for check, outcome in outcomes(result).items() if outcome != "pass"}
    assert wrong == NAMED[fault], [v.why for v in result.verdicts]


def test_the_command_finds_a_fault_and_leaves_no_process_and_no_password(tmp_path: Path) -> None:
    target = target_in(tmp_path, "ignores_the_switch")
    earlid = Path(sys.executable).parent / "earlid"
    command: list[str | Path] = [earlid, "run", scenario_in(tmp_path), "--target", target, "--out", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=280)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"fail\s+should_not_exist", done.stdout), done.stdout
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert any(path.name == "report.html" for path in written)
    assert all(PASSWORD.encode() not in path.read_bytes() for path in written)
    assert not left_over(tmp_path)


def left_over(folder: Path) -> list[str]:
    """Processes that work in the target's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.cwd() == str(folder):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
