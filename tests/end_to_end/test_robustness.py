"""Wrong input, lost parts and impatience: one clear line, the right exit code, and nothing left running."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gateway.contract.model import PRESETS
from tests.end_to_end.runs import earlid, finished, left_over, report

USAGE, UNKNOWN, INTERRUPTED = 2, 3, 130


def one_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.startswith("earlid")]
    assert len(lines) == 1, said
    assert "Traceback" not in said
    return lines[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("scenario: 1\nname: x\nabout: y\nchecks: [leaks]\nfleeet: {}\n", "fleeet: unknown key; did you mean fleet?"),
        (
            "scenario: 1\nname: x\nabout: y\nchecks: [leeks]\n",
            "mine.yaml:4:10: checks[0]: leeks is not known; did you mean leaks?",
        ),
        (
            "scenario: 1\nname: x\nabout: y\nchecks: [leaks]\ncontract: strickt\n",
            "mine.yaml:5:11: contract: strickt: no such preset; did you mean strict?",
        ),
        ("scenario: [1\n", "mine.yaml:1:11: [ is opened here and never closed"),
    ],
)
def test_a_wrong_scenario_is_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    code, _, said = finished(earlid("run", path, "--out", tmp_path / "out"))
    assert code == USAGE, said
    assert why in one_line(said)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "nowhere"], "nowhere: no such scenario or folder; suites: "),
        (["run", "--target", "gone.yaml"], "gone.yaml: No such file"),
        (["why", "H01-D1-001", "--out", "nowhere"], "nowhere: no run in it"),
        (["schema", "reports"], "allowed: scenario, contract, target, identities, report"),
        (["scan", "x", "--identities", "gone.json"], "gone.json: No such file"),
        (["locust", "-f", "mine.py"], "--identities FILE: wanted"),
        (
            ["gateway", "--broker", "mqtt://127.0.0.1:1", "--store", "sqlite://", "--identities", "gone.json"],
            "gone.json: No such file",
        ),
        (
            ["gateway", "--broker", "mqtt://192.0.2.1", "--store", "sqlite://", "--identities", "gone.json"],
            "takes audio over mqtts:// only, save on loopback",
        ),
        (["gateway", "--broker", "http://127.0.0.1", "--store", "sqlite://", "--vault", "x"], "--vault-token FILE"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], why: str, tmp_path: Path) -> None:
    code, _, said = finished(earlid(*arguments))
    assert code == USAGE, said
    assert why in one_line(said)


def test_a_contract_that_contradicts_itself_is_a_line_for_each_fault(tmp_path: Path) -> None:
    contract = tmp_path / "mine.yaml"
    text = (PRESETS / "strict.yaml").read_text().replace("show: locality", "show: coordinates")
    contract.write_text(text)
    path = tmp_path / "scenario.yaml"
    path.write_text(f"scenario: 1\nname: x\nabout: y\nchecks: [leaks]\ncontract: {contract}\n")
    code, _, said = finished(earlid("run", path, "--out", tmp_path / "out"))
    assert code == USAGE, said
    first, second = (line for line in said.splitlines() if line.startswith("earlid"))
    assert "redact.location.show: coordinates shows what no contract of kind protect may" in first
    assert "redact.location.min_anonymity: cannot be kept by show: coordinates" in second
    assert "Traceback" not in said


def write_identities(path: Path, **more: object) -> None:
    home = {"household_id": "H01", "devices": [{"site_id": "kitchen"}], **more}
    path.write_text(json.dumps({"schema": 1, "households": [home]}))


def test_a_gateway_refuses_secrets_and_a_broker_that_is_not_there(tmp_path: Path, tag: str) -> None:
    ids, store = tmp_path / "ids.json", f"sqlite:///{tmp_path / 'clips.db'}"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        options = ["--broker", f"mqtt://127.0.0.1:{port}", "--store", store, "--identities", ids]
        options += ["--audit", tmp_path / "audit.jsonl"]
        write_identities(ids, secrets=[{"kind": "card", "value": "4111111111111111"}])
        code, _, said = finished(earlid("gateway", *options, env={"EARLID_TEST_RUN": tag}))
        assert code == USAGE, said
        assert "a gateway may not be given secrets" in one_line(said)
        assert "4111" not in said
        write_identities(ids)
        code, _, said = finished(earlid("gateway", *options, env={"EARLID_TEST_RUN": tag}))
        assert code == USAGE, said
        assert "no broker answers" in one_line(said)


def test_a_port_in_use_is_one_line(scenario: Callable[..., Path], tmp_path: Path, tag: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = earlid("run", scenario(), "--out", tmp_path / "out", "--port", port, env={"EARLID_TEST_RUN": tag})
        code, _, said = finished(run)
    assert code == USAGE, said
    assert f"port {port}" in one_line(said)


def child(run: int, part: str) -> psutil.Process:
    """The run's process whose command line holds `part`, once it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for process in psutil.Process(run).children(recursive=True):
            try:
                if part in " ".join(process.cmdline()):
                    return process
            except psutil.Error:
                continue
        time.sleep(0.05)
    raise AssertionError(f"no process with {part}")


@pytest.mark.parametrize("part", ["gateway gateway", "gateway review", "gateway vault", "broker"])
def test_a_killed_part_ends_the_run_as_unknown(
    part: str, scenario: Callable[..., Path], tmp_path: Path, tag: str
) -> None:
    run = earlid("run", scenario(), "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag})
    child(run.pid, "gateway review")  # everything is up
    child(run.pid, part).kill()
    code, _, said = finished(run)
    assert code == UNKNOWN, said
    assert one_line(said)
    assert not (tmp_path / "out" / "strict" / "report.json").exists()


@pytest.mark.parametrize(("sign", "expected"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("part", ["gateway vault", "locust"])
def test_impatience_leaves_nothing_behind(
    sign: signal.Signals, expected: int, part: str, scenario: Callable[..., Path], tmp_path: Path, tag: str
) -> None:
    run = earlid("run", scenario(), "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag, "TMPDIR": str(tmp_path)})
    child(run.pid, part)
    os.kill(run.pid, sign)
    code, _, said = finished(run)
    assert code == expected, said
    assert "Traceback" not in said
    deadline = time.monotonic() + 20  # a search process that was still starting ends after its owner
    while list(tmp_path.glob("earlid-*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(tmp_path.glob("earlid-*")) == []


def test_a_killed_harness_takes_its_processes_with_it(scenario: Callable[..., Path], tmp_path: Path, tag: str) -> None:
    run = earlid("run", scenario(), "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag, "TMPDIR": str(tmp_path)})
    child(run.pid, "gateway review")
    run.kill()
    run.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while left_over(tag) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_over(tag) == []


def test_two_runs_at_once_do_not_collide(scenario: Callable[..., Path], tmp_path: Path, tag: str) -> None:
    path = scenario()
    runs = [earlid("run", path, "--out", tmp_path / str(n), env={"EARLID_TEST_RUN": tag}) for n in (1, 2)]
    for number, run in enumerate(runs, start=1):
        code, verdicts, said = finished(run, timeout_s=240)
        assert code == 0, verdicts + said
        assert report(tmp_path / str(number))["verdict"] == "pass"
