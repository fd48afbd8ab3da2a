"""Figures from the spool, and the command line Locust gets."""

from pathlib import Path

from scenarios.model.scenario import Load
from scenarios.run.load import command, figures, lines_in
from tests.scenarios.world import response


def test_figures_are_percentiles_of_what_was_measured() -> None:
    found = figures([response(ms=float(ms)) for ms in range(1, 101)], seconds=10.0)
    assert found is not None
    assert (found.requests, found.failures, found.rps) == (100, 0, 10.0)
    assert (found.p50_ms, found.p95_ms, found.p99_ms) == (50.5, 95.0, 99.0)


def test_server_errors_and_silence_are_failures_and_refusals_are_not() -> None:
    found = figures([response(status=status) for status in (200, 401, 404, 500, 503, 0)], seconds=1.0)
    assert found is not None
    assert found.failures == 3
    assert figures([], seconds=1.0) is None


def test_locust_runs_headless_with_both_files_and_ends() -> None:
    line = " ".join(command("http://127.0.0.1:1", Load(reviewers=3, max_seconds=7)))
    for part in ("locustfile.py", "leakwatch.py", "--headless", "--users 3", "--run-time 7s"):
        assert part in line
    for name in line.split("-f ")[1].split()[0].split(","):
        assert Path(name).is_file()


def test_lines_of_a_growing_file(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    assert lines_in(path) == 0
    path.write_text("{}\n{}\n")
    assert lines_in(path) == 2
