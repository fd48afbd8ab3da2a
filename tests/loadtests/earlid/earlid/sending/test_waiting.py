"""The wait after the load: it says how far the search is, and somebody may end it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from earlid.sending.waiting import CatchUp, progress


class Search:
    """A client whose search has searched so many of 13,000 each time it is asked."""

    def __init__(self, *searched: int) -> None:
        self._searched = searched

    def catch_up(self, said: Callable[[Any], None], _others: Any) -> None:
        for at in self._searched:
            said({"searched": at, "waiting": 13_000 - at})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now: Iterator[float] = iter(range(0, 1_000, 10))
    monkeypatch.setattr("earlid.sending.waiting.time.monotonic", lambda: next(now))


def test_progress_names_what_is_left() -> None:
    counts = {"searched": 3_400, "waiting": 9_600}
    assert progress(counts, 80.0) == "searched 3,400 of 13,000, about 2 min left"
    assert progress(counts, 1_000.0) == "searched 3,400 of 13,000, about 10 s left"
    assert progress(counts, 1.0) == "searched 3,400 of 13,000, about 2.7 h left"
    assert progress(counts, 0.0) == "searched 3,400 of 13,000"


def test_each_line_is_said(clock: None) -> None:
    said: list[str] = []
    catching_up = CatchUp(Search(1_000, 2_000), said=said.append)  # type: ignore[arg-type]
    catching_up.wait()
    assert said == ["searched 1,000 of 13,000", "searched 2,000 of 13,000, about 4 min left"]
    assert not catching_up.was_ended


def test_giving_up_ends_the_wait(clock: None) -> None:
    catching_up = CatchUp(Search(1_000, 2_000), said=lambda _line: catching_up.give_up())  # type: ignore[arg-type]
    catching_up.wait()
    assert catching_up.was_ended
    assert catching_up.took_s > 0
