"""What is doubtful about a run, and which exit code several runs have."""

from typing import Any

import pytest
from earlid.locust_verdict import doubts, worst

COUNTS = {"searched": 12, "gone": 0, "open": 0, "waiting": 0, "broken": 0}
REPORT = {"address": "/s", "seen": 10, "sent": 12, "lost": 0, "waited_s": 0.0, "kinds": {}}


def _doubts(counts: Any = (), report: Any = (), counted: Any = 10, alone: Any = False) -> Any:
    return doubts({**COUNTS, **dict(counts)}, [{**REPORT, **dict(report)}], counted=counted, address="/s", alone=alone)


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
        ({"report": {"address": "/other"}}, "1 workers have a search of their own"),
        ({"report": {"kinds": {"WS": 4}}}, "no HTTP answers, not searched: WS: 4"),
        ({"alone": True}, "the master does not watch"),
    ],
)
def test_each_gap_is_said(changed: Any, said: Any) -> None:
    assert said in " ".join(_doubts(**changed))


@pytest.mark.parametrize(("codes", "code"), [([], None), ([None, 3], 3), ([3, 1, None], 1), ([None], None)])
def test_the_worst_run_decides(codes: Any, code: Any) -> None:
    assert worst(codes) == code
