"""Locust, headless and in a process of its own, with the leak watch on; its spool is what comes back."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gateway.files import write_private
from scenarios.model.observations import LoadFigures, Response
from scenarios.model.scenario import Load
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.progress import Step
from scenarios.run.target import Running

# Asked for where they lie, not imported: locust patches sockets on import, and loadtests may know us, not we them.
LOADTESTS = Path(__file__).parents[2] / "loadtests"
SETTINGS_VARIABLE = "EARLID_LEAKWATCH"
_GRACE_S = 60  # Locust's own start and stop
_LEAKED = (0, 1, 3)  # clean, leaks found, something unsearched: each is a run to be judged here


def run_load(
    processes: Processes,
    folder: Path,
    target: Running,
    load: Load,
    *,
    identities: Path,
    join_tags: Sequence[str],
    spool: Path,
    seed: int,
    step: Step,
) -> float:
    """Let reviewers work until every clip was visited or time is up. Seconds of load.

    Raises:
        ProcessDied: Locust could not run, or something else of the run ended meanwhile.
    """
    accounts = [
        {"username": r.username, "password": r.password, "totp_secret": r.totp_secret}
        for r in target.reviewers[: load.reviewers]
    ]
    settings = {
        "identities": str(identities),
        "spool": str(spool),
        "join_tags": list(join_tags),
        "reviewing": {"accounts": accounts, "critical_share": load.critical_share, "seed": seed},
    }
    write_private(folder / "leakwatch.json", json.dumps(settings).encode())
    began = time.monotonic()
    processes.start("locust", command(target.review_url, load), env={SETTINGS_VARIABLE: str(folder / "leakwatch.json")})
    code = processes.wait(
        "locust", timeout_s=load.max_seconds + _GRACE_S, tick=lambda: step(lines_in(spool), len(join_tags) * 4)
    )
    if code not in _LEAKED:
        raise ProcessDied(f"locust: ended with code {code}: {processes.last_words('locust')}")
    return time.monotonic() - began


def staged(load: Load) -> list[Load]:
    """One load a stage, as many reviewers as it wants; the load itself where it has no stages."""
    if not load.stages:
        return [load]
    return [
        load.model_copy(
            update={
                "stages": (),
                "reviewers": stage.target,
                "spawn_rate": max(load.spawn_rate, float(stage.target)),
                "max_seconds": max(1, round(stage.duration)),
            }
        )
        for stage in load.stages
    ]


def command(host: str, load: Load) -> list[str]:
    """The command line; the same files run by hand with the same settings file."""
    files = f"{LOADTESTS / 'reviewers' / 'locustfile.py'},{LOADTESTS / 'watch' / 'leakwatch.py'}"
    options = ["--headless", "--host", host, "--users", str(load.reviewers), "--spawn-rate", str(load.spawn_rate)]
    options += [
        "--run-time",
        f"{load.max_seconds}s",
        "--stop-timeout",
        "10",
        "--only-summary",
        "--exit-code-on-error",
        "0",
    ]
    return [sys.executable, "-P", "-m", "locust", "-f", files, *options]


def figures(responses: Sequence[Response], seconds: float) -> LoadFigures | None:
    """What the spool says of speed; a failure is a server error or no answer that makes sense (5xx)."""
    if not responses:
        return None
    ms = np.array([response.ms for response in responses])
    p50, p95, p99 = (round(float(value), 1) for value in np.percentile(ms, (50, 95, 99)))
    return LoadFigures(
        requests=len(responses),
        failures=sum(response.status >= 500 or response.status == 0 for response in responses),
        seconds=round(seconds, 2),
        rps=round(len(responses) / seconds, 1) if seconds else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def lines_in(path: Path) -> int:
    """How many lines a growing file has."""
    if not os.path.exists(path):  # noqa: PTH110 (polled five times a second)
        return 0
    return path.read_bytes().count(b"\n")
