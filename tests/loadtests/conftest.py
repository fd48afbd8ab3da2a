"""Locust runs as a process of its own (importing it patches sockets); so do the servers it is pointed at."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household

ROOT = Path(__file__).parents[2]
WATCH = "loadtests/watch/leakwatch.py"
STOP_AFTER = "tests/loadtests/stop_after.py"
EXAMPLE = ROOT / "loadtests" / "examples" / "plain.py"


class Run(NamedTuple):
    code: int
    output: str
    spool: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.spool if line["kind"] == kind]

    def findings(self) -> set[tuple[str, str, str]]:
        """(field, kind of place, name of place)."""
        found = [finding for line in self.of("response") for finding in line["findings"]]
        return {(f["field"], f["where"]["kind"], f["where"]["name"]) for f in found}


@pytest.fixture(scope="session")
def known() -> Identities:
    homes = [control_household(seed) for seed in range(30, 35)]
    labelled = [home.model_copy(update={"household_id": f"H{at:02d}"}) for at, home in enumerate(homes)]
    return Identities(schema=1, households=tuple(labelled))


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory, known: Identities) -> Path:
    path = tmp_path_factory.mktemp("ids") / "identities.json"
    path.write_bytes(known.to_json())
    return path


@pytest.fixture
def start() -> Iterator[Callable[..., str]]:
    """Start a Python process that says "... on URL" in its first line; gives the URL."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path) -> str:
        process = subprocess.Popen([sys.executable, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process.stdout.readline().split()[-1]

    yield begin
    for process in started:
        process.terminate()
    for process in started:
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def locust(tmp_path: Path, identities: Path) -> Callable[..., Run]:
    """Run Locust without its web UI until stop_after.py ends it (unless not `stop`), or `seconds` are over."""

    def run(
        host: str,
        *options: str,
        locustfile: str | Path = EXAMPLE,
        watched: bool = True,
        settings: dict[str, Any] | None = None,
        seconds: float = 30,
        stop: bool = True,
    ) -> Run:
        spool, told = tmp_path / "spool.jsonl", tmp_path / "settings.json"
        told.write_text(json.dumps({"identities": str(identities), "spool": str(spool), **(settings or {})}))
        files = [str(locustfile), *([WATCH] if watched else []), *([STOP_AFTER] if stop else [])]
        users = ["-u", "4", "-r", "50", "-t", f"{seconds}s"]
        command = [sys.executable, "-m", "locust", "-f", ",".join(files), "--headless", "--only-summary", "-H", host]
        done = subprocess.run(
            [*command, *users, *options],
            cwd=ROOT,
            env={**os.environ, "EARLID_LEAKWATCH": str(told)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        lines = spool.read_text().splitlines() if spool.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines])

    return run
