"""One record a process, merged by the master; a generator that measures itself is told."""

import json
from typing import Any

import pytest
from earlid.load.recorder import Recorder, saturation


def _recorder(*requests: Any, warmup_s: Any = 0.0) -> Any:
    recorder = Recorder(warmup_s=warmup_s)
    for at, ms, failed in requests:
        recorder.request(at, "GET", "/x", "annotator", ms, failed=failed, size=10)
    return recorder


def test_workers_add_up_to_what_one_process_would_have_seen() -> None:
    requests = [(100.0 + at / 3, 10.0 + at, at % 7 == 0) for at in range(60)]
    whole, master = _recorder(*requests), Recorder()
    for part in (requests[::2], requests[1::2]):
        worker = _recorder(*part)
        worker.beat(101.0, users=3, cpu_share=0.4, lag_ms=7.0, waited_s=0.5)
        master.add(json.loads(json.dumps(worker.take())))
        master.add(json.loads(json.dumps(worker.take())))  # nothing twice
    assert master.chosen(None, None, None)["requests"] == 60
    assert master.chosen("GET", "/x", "annotator")["ms"].counts == whole.chosen(None, None, None)["ms"].counts
    assert [s["requests"] for s in master.timeline()] == [s["requests"] for s in whole.timeline()]
    second = master.seconds[101]
    assert (second["users"], second["waited_s"], second["cpu_share"]) == (6, 1.0, 0.4)
    assert master.chosen("POST", None, None)["requests"] == 0


def test_a_second_nobody_looked_at_is_as_the_one_before() -> None:
    recorder = _recorder((100.0, 1.0, False), (101.0, 1.0, False), (102.0, 1.0, False))
    recorder.beat(100.0, users=5, waiting=7)
    recorder.beat(102.0, users=6, waiting=0)
    assert [(row["users"], row["waiting"]) for row in recorder.timeline()] == [(5, 7), (5, 7), (6, 0)]


def test_a_warm_up_counts_for_the_axis_alone() -> None:
    recorder = _recorder((100.0, 500.0, True), (105.0, 10.0, False), warmup_s=2)
    assert recorder.chosen(None, None, None)["failed"] == 0
    assert sum(second["failed"] for second in recorder.timeline()) == 1


def test_an_answer_that_overtakes_another_loses_neither() -> None:
    recorder = _recorder((100.5, 1.0, False), (100.4, 900.0, False))
    assert recorder.chosen(None, None, None)["requests"] == 2


def test_time_counts_from_the_intended_moment() -> None:
    recorder = Recorder()
    recorder.request(100.0, "GET", "/x", "user", 10.0, failed=False, size=1, late_ms=990.0)
    chosen = recorder.chosen(None, None, None)
    assert chosen["ms"].percentile(50) == 10.0
    assert chosen["intended"].percentile(50) == 1_000.0


def test_names_that_may_not_be_shown_are_not() -> None:
    recorder = _recorder((100.0, 1.0, False))
    recorder.request(100.0, "GET", "/users/Adelheid", "annotator", 1.0, failed=False, size=1)
    shown = {"GET": "GET", "annotator": "annotator", "/x": "/x", "/users/Adelheid": "/users/[masked]"}
    assert [row["route"] for row in recorder.table(shown)] == ["/users/[masked]", "/x"]
    assert [row["requests"] for row in recorder.table({})] == [2]
    assert "Adelheid" not in json.dumps(recorder.table(shown)) + json.dumps(recorder.table({}))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ([(0.5, 5.0)] * 60, False),
        ([(1.0, 5.0)] * 4 + [(0.5, 5.0)] * 10, False),
        ([(1.0, 5.0)] * 6 + [(0.5, 5.0)] * 10, True),
        ([(0.2, 300.0)] * 9 + [(0.2, 5.0)] * 20, True),
        ([(1.0, 5.0)] * 6 + [(0.5, 5.0)] * 100, False),
        ([], False),
    ],
)
def test_a_saturated_generator_is_told(seconds: Any, said: str) -> None:
    assert bool(saturation(seconds)) is said  # type: ignore[comparison-overlap]
