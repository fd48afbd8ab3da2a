"""While nobody listens a link waits for nobody; what it loses meanwhile is gone."""

import pytest

from gateway.wire import Receipt
from simulator.links.absence import Absence, AbsentLink


class Listening:
    def __init__(self) -> None:
        self.came: list[str] = []

    def send(self, topic: str, _payload: bytes) -> None:
        self.came.append(topic)

    def drain(self) -> list[tuple[str, Receipt]]:
        return [("dev1", Receipt(session_id="s1", outcome="kept", reason="wake_word"))]

    def close(self) -> None:
        self.came.clear()


@pytest.mark.parametrize(("loses", "came"), [(True, ["before", "after"]), (False, ["before", "during", "after"])])
def test_an_absence_brings_no_receipt_and_loses_what_it_says(loses: bool, came: list[str]) -> None:
    inner, now = Listening(), [0.0]
    link = AbsentLink(inner, [Absence(from_ms=10, until_ms=20, loses=loses)], lambda: now[0])
    answers = []
    for at, topic in ((9.0, "before"), (10.0, "during"), (20.0, "after")):
        now[0] = at
        link.send(topic, b"")
        answers.append(len(link.drain()))
    assert (inner.came, answers) == (came, [1, 0, 1])
