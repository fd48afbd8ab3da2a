"""The web UI: a tab with live findings, a verdict for each start, figures for Prometheus."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

LEAKY = "tests/broken/leaky_server.py"

MINE = """
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.02)

    @task
    def look(self):
        self.client.get("/clips/1")
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _eventually(step: Callable[[], Any], seconds: float = 30.0) -> Any:
    ends = time.monotonic() + seconds
    while True:
        try:
            found = step()
        except httpx.TransportError:
            found = None
        if found or time.monotonic() > ends:
            return found
        time.sleep(0.2)


def _one_run(ui: httpx.Client, host: str, *, leaks: bool) -> list[dict[str, Any]]:
    """Start, wait until answers were searched, stop. The rows of the tab."""
    assert ui.post("/swarm", data={"user_count": 2, "spawn_rate": 10, "host": host}).json()["success"]

    def searched() -> list[dict[str, Any]]:
        told = ui.get("/stats/requests").json()["extended_stats"]
        (rows,) = [one["data"] for one in told if one["key"] == "earlid-leaks"]
        enough = any(row["what"] == "answers searched" and row["count"] > 20 for row in rows)
        return rows if enough and (rows[0]["what"] == "FINDING") is leaks else []  # Locust keeps an answer for a while

    rows = _eventually(searched)
    assert ui.post("/stop").json()["success"]
    assert _eventually(lambda: ui.get("/stats/requests").json()["state"] == "stopped")
    return rows


@pytest.fixture
def watched(tmp_path: Path, identities: Path) -> Any:
    (tmp_path / "mine.py").write_text(MINE)
    ports = _free_port(), _free_port()
    command: list[str | Path] = [
        Path(sys.executable).parent / "earlid",
        "locust",
        "--identities",
        identities,
        "-f",
        "mine.py",
    ]
    command += ["--web-port", str(ports[0]), "--metrics-port", str(ports[1])]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with httpx.Client(base_url=f"http://127.0.0.1:{ports[0]}", timeout=30) as ui:
        assert _eventually(lambda: ui.get("/").status_code == 200, 60)
        yield process, ui, ports[1]
    process.kill()
    process.wait(10)


@pytest.mark.slow
def test_each_start_has_its_own_verdict_and_the_tab_shows_findings(
    watched: Any, start: Callable[..., str], identities: Path
) -> None:
    process, ui, metrics = watched
    assert '"title": "Leaks"' in ui.get("/").text
    clean = _one_run(ui, start(LEAKY, identities, "--clean"), leaks=False)
    assert {row["what"] for row in clean} >= {"answers searched", "planted leaks found"}
    leaky = _one_run(ui, start(LEAKY, identities), leaks=True)
    assert leaky[0]["place"] == "members.name in response_body of user GET /clips/{token}"
    figures = httpx.get(f"http://127.0.0.1:{metrics}/metrics", timeout=30).text
    assert 'earlid_requests_total{method="GET",route="/clips/{token}",role="user"}' in figures
    assert _one_run(ui, start(LEAKY, identities, "--clean"), leaks=False)
    assert ui.post("/swarm", data={"user_count": 2, "spawn_rate": 10}).json()["success"]
    assert _eventually(lambda: ui.get("/stats/requests").json()["state"] == "running")
    process.send_signal(signal.SIGTERM)  # a run that still goes on is stopped first, and judged
    output, _ = process.communicate(timeout=60)
    assert [f"run {at}: {said}" in output for at, said in ((1, "pass"), (2, "FAIL"), (3, "pass"))] == [True] * 3, output
    assert "run 4: " in output
    assert "nothing can be said" not in output
    assert process.returncode == 1
