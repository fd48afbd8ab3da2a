"""Masters and workers: what all of them searched is one verdict, and what no watch sees leaves no exit code 0."""

import json
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
WATCH = "loadtests/watch/leakwatch.py"
ROOT = Path(__file__).parents[3]
EARLID = Path(sys.executable).parent / "earlid"
LOOK = """
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/")
"""
# Locust takes a worker for gone after 64 seconds without a word. Nothing else of a run changes when it takes eight.
SOON_MISSED = """
from locust import runners

runners.HEARTBEAT_DEAD_INTERNAL = -4
"""


class Office:
    """A master and workers in processes of their own, on a port of theirs."""

    def __init__(self, folder: Path, identities: Path, host: str) -> None:
        self.folder, self._identities, self._host = folder, identities, host
        self.running: list[subprocess.Popen[str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])
        (folder / "mine.py").write_text(LOOK)

    def master(self, *, watched: Any, workers: int, seconds: int) -> Any:
        run = ["--headless", "--only-summary", "-u", "4", "-r", "50", "-t", f"{seconds}s", "-H", self._host]
        port = ["--master", "--expect-workers", str(workers), "--master-bind-port", self._port]
        return self._begin(watched, *run, *port)

    def worker(self, *options: str, watched: Any, identities: Path | None = None) -> Any:
        return self._begin(watched, "--worker", "--master-port", self._port, *options, identities=identities)

    def worker_of(self, search: str) -> Any:
        """A worker that hands its answers to a search process that runs already."""
        settings = self.folder / "settings.json"
        settings.write_text(json.dumps({"identities": str(self._identities), "spool": "/dev/null", "search": search}))
        command = [sys.executable, "-m", "locust", "-f", f"{self.folder / 'mine.py'},{ROOT / WATCH}"]
        worker = ["--worker", "--master-port", self._port]
        return self._run([*command, *worker], ROOT, {**os.environ, "EARLID_LEAKWATCH": str(settings)})

    def wait_until_users_work(self, master: Any) -> None:
        spawned = ("All users spawned", "Spawning is complete")
        assert any(any(each in line for each in spawned) for line in iter(master.stdout.readline, ""))

    def _begin(self, watched: Any, *options: str, identities: Path | None = None) -> Any:
        ours: list[str | Path] = [EARLID, "locust", "--identities", identities or self._identities]
        command = [*(ours if watched else [sys.executable, "-m", "locust"]), "-f", "mine.py", *options]
        return self._run(command, self.folder)

    def _run(self, command: Any, folder: Path, environment: Any = None) -> Any:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self.running.append(process)
        return process


@pytest.fixture
def office(
    tmp_path: Path, identities: Path, start: Callable[..., str], request: pytest.FixtureRequest
) -> Iterator[Office]:
    made = Office(tmp_path, identities, start(LEAKY, identities, *getattr(request, "param", ["--clean"])))
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
    assert code == 0, said
    assert "  " not in said.partition("leak watch:")[2].partition("\n[")[0], "nothing is doubtful"


@pytest.mark.slow
@pytest.mark.parametrize("office", [[]], indirect=True)
def test_a_leak_that_a_worker_met_is_the_masters_verdict(office: Office) -> None:
    (office.folder / "mine.py").write_text(LOOK.replace('get("/")', 'get("/clips/1")'))
    master = office.master(watched=True, workers=2, seconds=4)
    workers = [office.worker(watched=True), office.worker(watched=True)]
    assert [ended(worker)[0] for worker in workers] == [1, 1]
    code, said = ended(master)
    assert code == 1, said
    assert "leak: members.name in response_body of user GET /clips/{token}" in said


@pytest.mark.slow
def test_workers_that_share_a_search_on_their_machine_pass(office: Office) -> None:
    master = office.master(watched=True, workers=2, seconds=4)
    both = ended(office.worker("--processes", "2", watched=True))
    assert both[0] == 0, both[1]
    code, said = ended(master)
    assert code == 0, said


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_early_says_what_it_found(office: Office) -> None:
    master = office.master(watched=True, workers=2, seconds=9)
    office.worker(watched=True)
    early = office.worker(watched=True)
    office.wait_until_users_work(master)
    time.sleep(3)
    early.send_signal(signal.SIGTERM)
    assert ended(early)[0] == 0
    code, said = ended(master)
    assert code == 0, said


@pytest.mark.slow
def test_a_worker_with_other_identities_is_unknown(office: Office, known: Any, tmp_path: Path) -> None:
    fewer = tmp_path / "fewer.json"
    fewer.write_bytes(known.model_copy(update={"households": known.households[:3]}).to_json())
    master = office.master(watched=True, workers=1, seconds=4)
    office.worker(watched=True, identities=fewer)
    code, said = ended(master)
    assert code == 3, said
    assert "1 of the workers: each searches for other identities than the master" in said


@pytest.mark.slow
def test_a_worker_of_another_version_is_unknown(office: Office, identities: Path, tmp_path: Path) -> None:
    old: list[str | Path] = [sys.executable, "-m", "tests.broken.old_search", "--identities", identities]
    address = tmp_path / "old.sock"
    with subprocess.Popen([*old, "--socket", address], stdout=subprocess.PIPE, cwd=ROOT) as search:
        assert search.stdout
        assert search.stdout.readline().startswith(b"search ready")
        master = office.master(watched=True, workers=1, seconds=4)
        office.worker_of(str(address))
        code, said = ended(master)
        search.terminate()
    assert code == 3, said
    assert "1 of the workers: each runs another version of Earlid than the master" in said


@pytest.mark.slow
def test_forked_workers_of_a_master_that_does_not_watch_are_unknown(office: Office) -> None:
    office.master(watched=False, workers=2, seconds=4)
    code, said = ended(office.worker("--processes", "2", watched=True))
    assert code == 3, said
    assert "the master does not watch: its exit code says nothing of leaks" in said


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
    assert "1 workers do not watch" in said


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_run_is_missed(office: Office) -> None:
    (office.folder / "mine.py").write_text(SOON_MISSED + LOOK)
    master = office.master(watched=True, workers=2, seconds=90)
    office.worker(watched=True)
    killed = office.worker(watched=True)
    office.wait_until_users_work(master)
    time.sleep(4)  # one report at least
    os.killpg(killed.pid, signal.SIGKILL)
    time.sleep(1)
    master.send_signal(signal.SIGTERM)
    code, said = ended(master)
    assert code == 3, said
    assert "1 workers were lost in mid-run" in said
