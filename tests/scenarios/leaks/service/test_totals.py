from typing import Any

import pytest

from scenarios.leaks.service.totals import SearchTotals

CLEAN = {"responses": 3, "planted": 2, "found": 2}


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (CLEAN, None),
        ({**CLEAN, "findings": {"members.name in body": 1}}, 1),
        ({**CLEAN, "findings": {"members.name in body": 1}, "found": 0}, 1),
        ({**CLEAN, "responses": 0}, 3),
        ({**CLEAN, "found": 1}, 3),
        ({**CLEAN, "planted": 0, "found": 0}, 3),
        ({**CLEAN, "unsearched": {"GET /x: streamed": 1}}, 3),
        ({**CLEAN, "unanswered": 5}, None),
    ],
)
def test_a_leak_dominates_and_doubt_is_no_pass(counts: dict[str, Any], code: int | None) -> None:
    assert SearchTotals(**counts).exit_code() == code


def test_tallies_add_up() -> None:
    one = SearchTotals(responses=1, bytes=10, findings={"a": 1}, planted=2, found=1, missed=["hex"])
    both = one.plus(
        SearchTotals(responses=2, bytes=5, findings={"a": 1, "b": 2}, planted=2, found=2, unsearched={"x": 1})
    )
    assert both == SearchTotals(
        responses=3, bytes=15, findings={"a": 2, "b": 2}, planted=4, found=3, missed=["hex"], unsearched={"x": 1}
    )


def test_the_summary_says_what_was_not_searched() -> None:
    text = SearchTotals(unsearched={"GET /x: streamed": 2}, unanswered=4, missed=["hex"]).summary()
    for part in ("nothing was searched", "GET /x: streamed: 2", "control missed: hex", "without an answer: 4"):
        assert part in text
