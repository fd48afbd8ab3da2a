"""Figures from the spool, and the command line Locust gets."""

from pathlib import Path

import msgspec
import pytest

from scenarios.model.expectation import Threshold
from scenarios.model.scenario import Load
from scenarios.run.load import LoadLimits, LoadStopped, command, figures, lines_in
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


def test_a_request_without_an_answer_counts_as_failed_and_as_waiting() -> None:
    found = figures([response(ms=10.0)] * 90, seconds=10.0, unanswered=(1_000.0,) * 10)
    assert found is not None
    assert (found.requests, found.failures, found.rps) == (100, 10, 10.0)
    assert found.p99_ms == 1_000.0
    nobody = figures([], seconds=1.0, unanswered=(5.0,))
    assert nobody is not None
    assert (nobody.requests, nobody.failures) == (1, 1)


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


def spooled(path: Path, *ms: float) -> None:
    with path.open("ab") as file:
        for each in ms:
            file.write(msgspec.json.encode({"kind": "response", **msgspec.to_builtins(response(ms=each))}) + b"\n")
        file.write(b'{"kind": "control", "name"')  # a line that is not whole yet


def test_a_limit_stops_the_load_once_the_warm_up_is_over(tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    limits = LoadLimits([Threshold.model_validate({"that": "load.p(95) < 100", "abort": True, "warmup": "2s"})], spool)
    spooled(spool, *[900.0] * 30)
    limits.look(1.5)
    limits.look(2.6)
    assert limits.warm == {2_000: 30}
    spool.write_bytes(spool.read_bytes()[: -len(b'{"kind": "control", "name"')])
    spooled(spool, *[5.0] * 30)
    limits.look(3.7)
    spool.write_bytes(spool.read_bytes()[: -len(b'{"kind": "control", "name"')])
    spooled(spool, *[800.0] * 30)
    with pytest.raises(LoadStopped, match=r"load\.p95_ms < 100: 800 after 5 s"):
        limits.look(4.8)


def test_without_a_limit_that_stops_the_load_nothing_is_read(tmp_path: Path) -> None:
    limits = LoadLimits([Threshold(that="load.p95_ms < 1")], tmp_path / "none")
    limits.look(5)
    limits.end()
    assert limits.warm == {}
