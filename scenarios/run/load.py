"""Runs Locust without its web page, in its own process and with the leak watch on. Returns what its spool recorded."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from gateway.files import write_private
from scenarios.checks.figures import of_responses
from scenarios.model.expectation import Threshold, limit
from scenarios.model.observations import LoadFigures, Response
from scenarios.model.scenario import Load
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.progress import Step
from scenarios.run.target import Running

# Asked for where they lie, not imported: locust patches sockets on import, and loadtests may know us, not we them.
LOADTESTS = Path(__file__).parents[2] / "loadtests"
SETTINGS_VARIABLE = "EARLID_LEAKWATCH"
_LIVE = ("load.", "leaks.")  # figures of what was answered so far
_LOOK_S = 1.0
_ENOUGH = 20  # responses of which a figure is made, before it may stop a run
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
    """Let reviewers work until every clip was visited or the time is up. Returns the seconds of load.

    Raises:
        ProcessDied: Locust could not run, or another part of the run ended meanwhile.
    """
    accounts = [
        {"username": r.username, "password": r.password, "totp_secret": r.totp_secret}
        for r in target.reviewers[: load.reviewers]
    ]
    settings = {
        "identities": str(identities),
        "join_tags": list(join_tags),
        "reviewing": {"accounts": accounts, "critical_share": load.critical_share, "seed": seed},
    }
    return run_locust(
        processes,
        folder,
        command(target.review_url, load),
        settings,
        spool=spool,
        within_s=load.max_seconds,
        tick=lambda: step(lines_in(spool), len(join_tags) * 4),
    )


def run_locust(
    processes: Processes,
    folder: Path,
    line: Sequence[str],
    settings: Mapping[str, object],
    *,
    spool: Path,
    within_s: float,
    tick: Callable[[], None],
) -> float:
    """One run of Locust with the leak watch. `settings` are the watch's, without spool and record. Returns its seconds.

    Raises:
        ProcessDied: Locust could not run, or another part of the run ended meanwhile.
    """
    record = str(folder / f"load-{len(recorded_in(folder))}.json")
    told = folder / "leakwatch.json"
    write_private(told, json.dumps({**settings, "spool": str(spool), "record": record}).encode())
    began = time.monotonic()
    processes.start("locust", line, env={SETTINGS_VARIABLE: str(told)})
    code = processes.wait("locust", timeout_s=within_s + _GRACE_S, tick=tick)
    if code not in _LEAKED:
        raise ProcessDied(f"locust: ended with code {code}: {processes.last_words('locust')}")
    return time.monotonic() - began


def recorded_in(folder: Path) -> list[Path]:
    """The record of each stage of the load, in order."""
    return sorted(folder.glob("load-*.json"))


class LoadStopped(Exception):
    """A threshold is broken. The text says which one, and by how much."""


class LoadLimits:
    """The thresholds while reviewers work. It knows where each warm-up ends and which thresholds stop the run."""

    def __init__(self, asked: Sequence[Threshold], spool: Path) -> None:
        self._spool, self._read, self._looked = spool, 0, 0.0
        self._stopping = [each for each in asked if each.abort and each.that.lstrip().startswith(_LIVE)]
        self._warmups = sorted({each.warmup for each in asked if each.warmup})
        self._responses: list[Response] = []
        self.warm: dict[int, int] = {}

    def look(self, elapsed_s: float) -> None:
        """Once a second; raises LoadStopped when a limit that stops the run is broken."""
        if (not self._stopping and not self._warmups) or elapsed_s < self._looked + _LOOK_S:
            return
        self._looked = elapsed_s
        self._take_in()
        for warmup in self._warmups:
            if elapsed_s * 1_000 >= warmup:
                self.warm.setdefault(warmup, len(self._responses))
        for each in self._stopping:
            wanted, start = limit(each.that), self.warm.get(each.warmup) if each.warmup else 0
            if start is None:
                continue
            some = [r for r in self._responses[start:] if wanted.route is None or r.template == wanted.route]
            value = of_responses(wanted.figure, some, elapsed_s - each.warmup / 1_000)
            if value is not None and len(some) >= _ENOUGH and not wanted.bound.holds(value, each.tolerance):
                raise LoadStopped(f"{wanted}: {value:.4g} after {elapsed_s:.0f} s")

    def end(self) -> None:
        """Close the warm-ups. A warm-up that never ended leaves all requests counted."""
        self._take_in()
        for warmup in self._warmups:
            self.warm.setdefault(warmup, len(self._responses))

    def _take_in(self) -> None:
        if not self._spool.exists():
            return
        with self._spool.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        lines = [line for line in whole.splitlines() if msgspec.json.decode(line).get("kind") == "response"]
        self._responses += [msgspec.json.decode(line, type=Response) for line in lines]


def staged(load: Load) -> list[Load]:
    """One load for each stage, with the number of reviewers the stage wants. Without stages it is the load itself."""
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


def command(host: str, load: Load, who: str = "reviewers") -> list[str]:
    """The command line of Locust with the users of one folder of loadtests. The same files run by hand with the same
    settings file."""
    files = f"{LOADTESTS / who / 'locustfile.py'},{LOADTESTS / 'watch' / 'leakwatch.py'}"
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


def figures(responses: Sequence[Response], seconds: float, *, unanswered: Sequence[float] = ()) -> LoadFigures | None:
    """Latency and failures by the spool. A failure is a server error (5xx) or a request without an answer.

    `unanswered` are the milliseconds of requests that got no answer. They count in the percentiles too.
    """
    if not responses and not unanswered:
        return None
    ms = np.array([*(response.ms for response in responses), *unanswered])
    p50, p95, p99 = (round(float(value), 1) for value in np.percentile(ms, (50, 95, 99)))
    return LoadFigures(
        requests=len(ms),
        failures=len(unanswered) + sum(response.status >= 500 or response.status == 0 for response in responses),
        seconds=round(seconds, 2),
        rps=round(len(ms) / seconds, 1) if seconds else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def lines_in(path: Path) -> int:
    """The number of lines in a file that may still grow."""
    if not os.path.exists(path):  # noqa: PTH110 (polled five times a second)
        return 0
    return path.read_bytes().count(b"\n")
