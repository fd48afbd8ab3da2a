"""Processes of a command target: ready when they say so, killed and restarted, alone in their environment."""

import socket
import sys
from pathlib import Path

import psutil
import pytest

from scenarios.model.targets.target_file import Command, load_target_file
from scenarios.own_system.parts import Parts
from scenarios.run.processes import ProcessDied, Processes

TARGET = """
target: 1
kind: command
name: small
parts:
  - name: gateway
    run: ["{python}", part.py, "{port}"]
    ready: READY
    env: {MINE: "at {host}"}
kept: {kind: none}
join: count
"""
PART = """
import os, sys, time, subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("environment", "w").write("\\n".join(f"{name}={value}" for name, value in os.environ.items()))
print("up on", sys.argv[1], child.pid, flush=True)
time.sleep(600)
"""


def target(folder: Path, ready: str, part: str = PART) -> Command:
    (folder / "part.py").write_text(part)
    (folder / "target.yaml").write_text(TARGET.replace("READY", ready))
    found = load_target_file(folder / "target.yaml")
    assert isinstance(found, Command)
    return found


def parts(folder: Path, processes: Processes, ready: str, part: str = PART) -> Parts:
    places = {"python": sys.executable, "host": "here", "port": "77"}
    return Parts(target(folder, ready, part), processes, folder, places)


def child(folder: Path) -> int:
    return int((folder / "logs" / "target-gateway.log").read_text().split()[-1])


def test_a_part_is_alone_restarted_and_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", "of-the-harness")
    monkeypatch.setenv("PATH", f"relative:{tmp_path}:")
    with Processes(tmp_path / "logs") as processes:
        made = parts(tmp_path, processes, "{line: up on}")
        made.start(None)
        first = child(tmp_path)
        made.again("gateway", kill=True)
        second = child(tmp_path)
    said = (tmp_path / "environment").read_text()
    assert "MINE=at here" in said
    assert "of-the-harness" not in said
    (path,) = [line for line in said.splitlines() if line.startswith("PATH=")]
    assert all(Path(each).is_absolute() for each in path.removeprefix("PATH=").split(":"))
    assert first != second
    assert not any(psutil.pid_exists(each) and alive(each) for each in (first, second))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("ready", "part", "says"),
    [
        ("{line: never, within_s: 0.3}", PART, "not ready within 0.3 s"),
        ("{line: up}", "import sys; print('no broker', flush=True); sys.exit(1)", "ended with code 1"),
    ],
)
def test_a_part_that_does_not_come_up_is_one_line(tmp_path: Path, ready: str, part: str, says: str) -> None:
    with Processes(tmp_path / "logs") as processes, pytest.raises(ProcessDied, match=f"gateway: .*{says}"):
        parts(tmp_path, processes, ready, part).start(None)


def test_somebody_elses_server_is_not_taken_for_the_part(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Processes(tmp_path / "logs") as processes:
        made = parts(tmp_path, processes, f"{{port: {other.getsockname()[1]}}}")
        with pytest.raises(ProcessDied, match="its port is taken already"):
            made.start(None)
