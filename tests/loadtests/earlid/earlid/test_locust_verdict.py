"""What is doubtful about a run, and which exit code several runs have."""

from typing import Any

import pytest
from earlid.locust_verdict import doubts, worst

COUNTS = {"searched": 12, "gone": 0, "open": 0, "waiting": 0, "broken": 0}
REPORT = {"search": "m", "version": "1", "identities": "i", "seen": 10, "sent": 12, "lost": 0, "kinds": {}}
MASTER = {**REPORT, "seen": 0, "sent": 0}
FAR = {**REPORT, "search": "w"}
PIECE = {"searched": 12, "totals": {"planted": 4}}


def _doubts(counts: Any = (), report: Any = (), counted: Any = 10, **more: Any) -> Any:
    more.setdefault("alone", False)
    return doubts({**COUNTS, **dict(counts)}, [{**REPORT, **dict(report)}], counted=counted, **more)


def _far(*workers: Any, pieces: Any, searched: int = 12) -> Any:
    told = {**COUNTS, "searched": searched}
    return doubts(told, [MASTER, *workers], pieces, counted=10 * len(workers), alone=False)


def test_a_run_that_reconciles_has_none() -> None:
    assert _doubts() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"counted": 11}, "Locust counted 11 requests, the watch saw 10"),
        ({"counts": {"searched": 11}}, "handed over 12 answers, searched 11"),
        ({"counts": {"gone": 1}}, "1 workers ended early"),
        ({"counts": {"open": 1}}, "1 senders did not close"),
        ({"report": {"lost": 3}}, "3 answers could not be handed over"),
        ({"report": {"kinds": {"WS": 4}}}, "no HTTP answers, not searched: WS: 4"),
        ({"alone": True}, "the master does not watch"),
        ({"unwatched": 2}, "2 workers do not watch"),
        ({"lost": 1}, "1 workers were lost in mid-run"),
    ],
)
def test_each_gap_is_said(changed: Any, said: Any) -> None:
    assert said in " ".join(_doubts(**changed))


def test_workers_on_other_machines_reconcile() -> None:
    assert _far(FAR, pieces={"w": [PIECE]}) == []
    two = {**FAR, "sent": 6}
    assert _far(two, two, pieces={"w": [PIECE]}) == [], "two workers of one search"
    early = {**PIECE, "searched": 5}
    assert _far(two, two, pieces={"w": [early, PIECE]}, searched=17) == [], "one of them left early"


@pytest.mark.parametrize(
    ("worker", "piece", "said"),
    [
        ({}, None, "a worker's own search did not say what it found"),
        ({"search": None}, None, "a worker's own search did not say what it found"),
        ({}, {**PIECE, "searched": 11}, "handed over 12 answers, searched 11"),
        ({}, {**PIECE, "totals": {"planted": 0}}, "a worker's own search met no planted leak"),
        ({"version": "2"}, PIECE, "1 of the workers: each runs another version of Earlid than the master"),
        ({"identities": "j"}, PIECE, "1 of the workers: each searches for other identities than the master"),
    ],
)
def test_each_doubt_about_another_search_is_said(worker: Any, piece: Any, said: str) -> None:
    assert said in " ".join(_far({**FAR, **worker}, pieces={"w": [piece]} if piece else {}))


def test_a_search_that_searched_more_hides_no_gap_of_another() -> None:
    rich, poor = {**FAR, "search": "a"}, {**FAR, "search": "b"}
    pieces = {"a": [{**PIECE, "searched": 14}], "b": [{**PIECE, "searched": 10}]}
    assert _far(rich, poor, pieces=pieces, searched=24) == ["handed over 12 answers, searched 10"]


@pytest.mark.parametrize(("codes", "code"), [([], None), ([None, 3], 3), ([3, 1, None], 1), ([None], None)])
def test_the_worst_run_decides(codes: Any, code: Any) -> None:
    assert worst(codes) == code
