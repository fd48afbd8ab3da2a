"""`earlid locust --slo --out`: each objective in the exit code, in load.json, load.html and junit.xml."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LEAKY = "tests/broken/leaky_server.py"

MINE = """
import time
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.02)

    @task
    def look(self):
        for name in ("/clips/1", "/api/clips/1"):
            self.client.get(name, context={"role": "annotator"})
"""


@pytest.fixture
def earlid(tmp_path: Path, start: Callable[..., str], identities: Path) -> Any:
    def run(slo: Any, *options: Any, locustfile: Any = MINE, server: Any = ("--clean",)) -> Any:
        (tmp_path / "mine.py").write_text(locustfile)
        (tmp_path / "slo.yaml").write_text("slo: 1\nobjectives:\n" + textwrap.indent(slo, "  "))
        command = [Path(sys.executable).parent / "earlid", "locust", "--identities", identities, "--slo", "slo.yaml"]
        command += ["--out", "out", "-f", "mine.py", "--headless", "--only-summary", "-u", "2", "-r", "50"]
        command += ["-H", start(LEAKY, identities, *server), *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False)  # type: ignore[arg-type]

    return run


def test_met_missed_and_unknown_lines_are_all_told(earlid: Callable[..., Any], tmp_path: Path) -> None:
    run = earlid(
        """
        - {name: pages, route: /clips/1, role: annotator, expect: [errors == 0, requests > 100000]}
        - {name: nowhere, route: /nowhere, expect: [errors == 0]}
        - expect: [leaks == 0]
        """.replace("\n        ", "\n"),
        "-t",
        "4s",
        "--html",
        "locust.html",
    )
    assert run.returncode == 1, run.stderr
    told = json.loads((tmp_path / "out" / "load.json").read_text())
    assert [line["outcome"] for line in told["objectives"]] == ["met", "missed", "unknown", "met"]
    assert {row["route"] for row in told["routes"]} == {"/clips/{token}", "/api/clips/{token}"}
    assert sum(row["requests"] for row in told["routes"]) == sum(second["requests"] for second in told["seconds"])
    assert sum(second["requests"] for second in told["seconds"]) == told["search"]["responses"]
    assert "load: missed: pages: requests > 100000" in run.stderr
    assert '<body class="fail">' in (tmp_path / "out" / "load.html").read_text()
    theirs = (tmp_path / "locust.html").read_text()
    assert "Leaks (Earlid)" in theirs
    assert theirs.rstrip().endswith("</html>")
    assert 'failures="1" errors="1"' in (tmp_path / "out" / "junit.xml").read_text()


def test_a_missed_objective_ends_the_run_early(earlid: Callable[..., Any], tmp_path: Path) -> None:
    run = earlid("- {expect: [leaks == 0], abort: true}\n", "-t", "60s", server=())
    assert run.returncode == 1, run.stderr
    assert "load: ended early by all requests: leaks == 0" in run.stderr
    assert "run-time limit reached" not in run.stderr
    told = json.loads((tmp_path / "out" / "load.json").read_text())
    assert told["search"]["findings"]
    assert told["aborted"]


SATURATED = MINE.replace("import time", "from gevent.monkey import get_original").replace(
    "for name", "get_original('time', 'sleep')(0.3)  # holds up every user, as a busy generator does\n        for name"
)


@pytest.mark.slow
def test_a_saturated_generator_is_not_judged_by_its_latencies(earlid: Callable[..., Any], tmp_path: Path) -> None:
    run = earlid("- expect: ['p(95) < 100 s', errors == 0]\n", "-t", "8s", locustfile=SATURATED)
    assert run.returncode == 3, run.stderr
    assert "load: the load generator was saturated" in run.stderr
    told = json.loads((tmp_path / "out" / "load.json").read_text())
    assert [line["outcome"] for line in told["objectives"]] == ["unknown", "met"]


def test_a_wrong_slo_file_is_one_line(earlid: Callable[..., Any]) -> None:
    run = earlid("- expect: ['p95 < 3']\n", "-t", "1s")
    assert run.returncode == 2
    assert "slo.yaml:3:" in run.stderr
    assert "Traceback" not in run.stderr
