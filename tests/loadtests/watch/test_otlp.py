"""`earlid locust --otlp`: a receiver gets requests, lag and findings of a real run, and nobody's data."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.report.load.test_telemetry import Receiver

EARLID = Path(sys.executable).parent / "earlid"
MINE = """
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/clips/1")
"""


def _run(folder: Path, identities: Path, host: str, endpoint: str, *more: str) -> Any:
    (folder / "mine.py").write_text(MINE)
    options = ["-f", "mine.py", "--headless", "--only-summary", "-H", host, "-u", "2", "-r", "50", "-t", "8s", *more]
    command = [str(EARLID), "locust", "--identities", str(identities), "--otlp", endpoint, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_a_receiver_gets_requests_lag_and_findings(
    start: Callable[..., str], identities: Path, known: Any, tmp_path: Path, more: tuple[str, ...]
) -> None:
    receiver = Receiver()
    done = _run(tmp_path, identities, start("tests/broken/leaky_server.py", identities), receiver.url, *more)
    receiver.close()
    assert done.returncode == 1, done.stderr
    assert "--otlp" not in done.stderr
    assert len(receiver.taken) >= 2, "while it goes on, and at its end"
    points = receiver.points()
    ((labels, requests),) = points["earlid.requests"]
    assert labels == {"method": "GET", "route": "/clips/{token}", "role": "user"}
    assert requests > 20
    assert points["earlid.findings"][0][0]["place"].startswith("members.")
    assert {"earlid.search_lag_s", "earlid.lag_ms", "earlid.users", "earlid.searched"} <= set(points)
    everything = b"".join(one.SerializeToString() for one in receiver.taken).decode("utf-8", "replace")
    people = [person for home in known.households for person in home.members]
    assert people
    assert not [name for person in people for name in (person.name, *person.emails) if name in everything]


@pytest.mark.slow
def test_a_receiver_that_is_gone_is_said_and_the_verdict_stays(
    start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    host = start("tests/broken/leaky_server.py", identities, "--clean")
    done = _run(tmp_path, identities, host, "http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert "load: --otlp: figures were sent 0 times, " in done.stderr


@pytest.mark.parametrize("wrong", ["127.0.0.1:4318", "ftp://host", "http://u:p@host"])
def test_a_wrong_address_is_one_line(identities: Path, tmp_path: Path, wrong: str) -> None:
    done = _run(tmp_path, identities, "http://127.0.0.1:9", wrong)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--otlp" in done.stderr
    assert "allowed: http(s)://HOST" in done.stderr
