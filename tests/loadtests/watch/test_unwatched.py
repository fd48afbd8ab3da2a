"""What no watch sees leaves no exit code 0: each way in which a part of the load may go unwatched, in one real run."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LEAKY = "tests/broken/leaky_server.py"
STREAMS = "tests/broken/leaky_streams.py"
EARLID = Path(sys.executable).parent / "earlid"
LOOK = """
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/")
"""


class Office:
    """A master and workers in processes of their own, on a port of theirs."""

    def __init__(self, folder: Path, identities: Path, host: str) -> None:
        self._folder, self._identities, self._host = folder, identities, host
        self.running: list[subprocess.Popen[str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])
        (folder / "mine.py").write_text(LOOK)

    def master(self, *, watched: Any, workers: int, seconds: int) -> Any:
        run = ["--headless", "--only-summary", "-u", "4", "-r", "50", "-t", f"{seconds}s", "-H", self._host]
        port = ["--master", "--expect-workers", str(workers), "--master-bind-port", self._port]
        return self._begin(watched, *run, *port)

    def worker(self, *, watched: Any) -> Any:
        return self._begin(watched, "--worker", "--master-port", self._port)

    def _begin(self, watched: Any, *options: str) -> Any:
        ours: list[str | Path] = [EARLID, "locust", "--identities", self._identities]
        command = [*(ours if watched else [sys.executable, "-m", "locust"]), "-f", "mine.py", *options]
        process = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
        )
        self.running.append(process)
        return process


@pytest.fixture
def office(
    tmp_path: Path, identities: Path, start: Callable[..., str], request: pytest.FixtureRequest
) -> Iterator[Office]:
    made = Office(tmp_path, identities, start(LEAKY, identities, "--clean"))
    yield made
    for process in made.running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process: Any) -> tuple[int, str]:
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


@pytest.mark.slow
def test_workers_that_all_watch_pass(office: Office) -> None:
    """The clean side: what is below is unknown for its own reason."""
    master = office.master(watched=True, workers=1, seconds=4)
    worker = ended(office.worker(watched=True))
    assert worker[0] == 0, worker[1]
    code, said = ended(master)
    assert code == 3
    assert "1 workers have a search of their own: see their exit codes" in said
    assert "some of them were not watched" not in said
    assert "lost" not in said


@pytest.mark.slow
def test_a_master_without_the_watch_leaves_its_workers_unknown(office: Office) -> None:
    office.master(watched=False, workers=1, seconds=4)
    code, said = ended(office.worker(watched=True))
    assert code == 3, said
    assert "the master does not watch: its exit code says nothing of leaks" in said


@pytest.mark.slow
def test_a_worker_without_the_watch_is_counted(office: Office) -> None:
    master = office.master(watched=True, workers=2, seconds=8)
    office.worker(watched=True)
    office.worker(watched=False)
    code, said = ended(master)
    assert code == 3, said
    assert "some of them were not watched" in said


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_run_is_missed(office: Office) -> None:
    master = office.master(watched=True, workers=2, seconds=90)
    office.worker(watched=True)
    killed = office.worker(watched=True)
    spawned = ("All users spawned", "Spawning is complete")
    assert any(any(each in line for each in spawned) for line in iter(master.stdout.readline, ""))
    time.sleep(4)  # one report at least
    os.killpg(killed.pid, signal.SIGKILL)
    time.sleep(1)
    master.send_signal(signal.SIGTERM)
    code, said = ended(master)
    assert code == 3, said
    assert "1 workers were lost in mid-run" in said


BESIDE = """
import httpx
import requests
from locust import FastHttpUser, constant, task

HTTPX = httpx.Client(trust_env=False)

class Mine(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
        requests.get(self.host + "/clips/1")
        HTTPX.get(self.host + "/error")
"""


def test_requests_beside_the_client_are_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BESIDE)
    run = locust(start(LEAKY, identities), locustfile=mine, seconds=4, stop=False)
    assert run.code == 1
    assert {(field, name) for field, _kind, name in run.findings()} == {
        ("members.name", "reviewer GET /clips/{token}"),
        ("customer_id", "reviewer GET /error"),
    }


def test_clean_requests_beside_the_client_pass(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BESIDE)
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == 0, run.output


OWN_DATA = BESIDE.replace('requests.get(self.host + "/clips/1")', 'go(self.host + "/clips/1")').replace(
    "HTTPX.get", "go"
)


def test_whose_data_a_request_beside_may_hold_can_be_said(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    go = "from earlid.locust_beside import beside\n\ndef go(url):\n    with beside(may_see=['H00']):\n"
    mine.write_text(go + "        requests.get(url)\n" + OWN_DATA)
    run = locust(start(LEAKY, identities), locustfile=mine, seconds=4, stop=False)
    assert run.code == 0, run.output


BROKEN = """
import requests
from locust import HttpUser, constant, task

class Mine(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        CALL
"""


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('self.client.get("/half")', "GET /half: broke off (ChunkedEncodingError)"),
        ('self.client.get("/undecodable")', "GET /undecodable: broke off (ContentDecodingError)"),
    ],
)
def test_bodies_that_break_off_are_unknown(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path, call: str, said: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BROKEN.replace("CALL", call))
    run = locust(start(STREAMS, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == 3, run.output
    assert said in run.output


SOCKETS = """
import json
import time
from locust import User, constant, task

class Mine(User):
    wait_time = constant(0.05)

    @task
    def look(self):
        fire = self.environment.events.request.fire
        said = {"type": "clip", "who": WHO, "n": time.time()}
        fire(request_type="WS", name="talk", response_time=1, response_length=2, exception=None, response=said)
"""


@pytest.mark.parametrize("leaks", [True, False])
def test_dict_events_of_websockets_are_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, known: Any, tmp_path: Path, leaks: bool
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(SOCKETS.replace("WHO", repr(known.households[0].members[0].emails[0] if leaks else "nobody")))
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == (1 if leaks else 0), run.output
    assert {field for field, _kind, _name in run.findings()} == ({"members.emails"} if leaks else set())
