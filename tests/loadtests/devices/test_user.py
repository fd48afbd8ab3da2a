"""Devices and people in one Locust run, against a real broker and a real gateway."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scenarios.run.broker import find_mosquitto
from scenarios.run.processes import Processes
from simulator.world.households import make_identities
from tests.end_to_end.gateways import System, rules

ROOT = Path(__file__).parents[3]
EXAMPLE = "loadtests/examples/devices_and_pages.py"


def _settings(folder: Path, system: System, identities: Path, **more: Any) -> Path:
    words = system.broker.passwords
    told = {
        "broker": system.broker.url, "identities": str(identities), "gap_s": 4, "sounds": 4, "factor": 4,
        "everybody": {"username": "fleet", "password": words["fleet"]},
        "assistant": {"username": "assistant", "password": words["assistant"]}, **more,
    }  # fmt: skip
    path = folder / "devices.json"
    path.write_text(json.dumps(told))
    path.chmod(0o600)
    return path


def _run(settings: Path, identities: Path, out: Path, host: str, *options: str) -> Any:
    command = [sys.executable, "-P", "-c", "from scenarios.cli import main; main()", "locust"]
    command += ["--identities", str(identities), "--out", str(out)]
    command += ["-f", EXAMPLE, "--headless", "--only-summary", "--host", host, "-u", "6", "-r", "6", *options]
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, env={**os.environ, "EARLID_DEVICES": str(settings)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(find_mosquitto() is None, reason="no mosquitto binary")
def test_devices_and_people_stand_in_one_table(tmp_path: Path, start: Callable[..., str]) -> None:
    known = make_identities(seed=7, households=5)
    ids = tmp_path / "households.json"
    ids.write_bytes(known.to_json())
    host = start("tests/broken/leaky_server.py", ids, "--clean")
    homes = {device.site_id: True for home in known.households for device in home.devices}
    contract = rules("strict", gate={"refractory_ms": 0}, redact={"transcript": {"deadline_ms": 0}})
    with Processes(tmp_path / "logs") as processes:
        system = System(processes, tmp_path, contract=contract, homes=homes)
        system.start_gateway()
        done = _run(_settings(tmp_path, system, ids), ids, tmp_path / "out", host, "-t", "15s")
        told = json.loads((tmp_path / "out" / "load.json").read_text())
        rows = {(row["method"], row["route"]): row for row in told["routes"]}
        assert {("MQTT", "connect"), ("MQTT", "publish"), ("MQTT", "receipt"), ("GET", "/")} <= rows.keys(), done.stderr
        assert {row["role"] for (method, _), row in rows.items() if method == "MQTT"} == {"device"}
        assert sum(row["failed"] for (method, _), row in rows.items() if method == "MQTT") == 0, done.stdout
        assert rows["MQTT", "receipt"]["requests"] >= 4
        assert told["search"]["doubts"] == []
        processes.stop("gateway")
        silent = _settings(tmp_path, system, ids, deadline_s=1)
        done = _run(silent, ids, tmp_path / "silent", host, "-t", "12s")
        told = json.loads((tmp_path / "silent" / "load.json").read_text())
        receipts = [row for row in told["routes"] if row["route"] == "receipt"]
        assert receipts[0]["failed"] == receipts[0]["requests"] > 0
        assert "no receipt within 1 s" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_wrong_settings_file_is_one_line(tmp_path: Path) -> None:
    ids = tmp_path / "ids.json"
    ids.write_bytes(make_identities(seed=7, households=1).to_json())
    done = _run(tmp_path / "none.json", ids, tmp_path / "out", "http://127.0.0.1:9", "-t", "1s")
    assert done.returncode == 2, done.stderr
    assert "devices: " in done.stderr
    assert "Traceback" not in done.stderr
