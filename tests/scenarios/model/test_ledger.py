"""Every utterance ends in exactly one disposition, and equal outcomes have equal digests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.model.ledger import disposition, figures
from tests.scenarios.world import delivered, ledger, said, stored

HEARD: dict[str, Any] = {"kind": "false_wake", "expected": "drop"}
MUTED: dict[str, Any] = {"kind": "muted", "expected": "drop", "acoustic": False}
BUTTON: dict[str, Any] = {"kind": "button", "acoustic": False}


@pytest.mark.parametrize(
    ("utterance", "outcome", "copies", "expected"),
    [
        ({}, "kept", 1, "kept"),
        ({}, None, 1, "kept"),
        ({}, "kept", 2, "duplicated"),
        ({}, "kept", 0, "lost"),
        ({}, "dropped", 0, "false_reject"),
        ({}, "dropped", 1, "should_not_exist"),
        ({}, "incomplete", 0, "lost"),
        ({}, None, 0, "lost"),
        (BUTTON, "dropped", 0, "lost"),
        (HEARD, "dropped", 0, "dropped"),
        (HEARD, "kept", 1, "false_accept"),
        (MUTED, "dropped", 0, "dropped"),
        (MUTED, "kept", 1, "should_not_exist"),
        (MUTED, None, 0, "dropped"),
        (MUTED, "kept", 2, "should_not_exist"),
        (MUTED, None, 2, "should_not_exist"),
        (MUTED, "dropped", 2, "should_not_exist"),
        ({}, "dropped", 2, "should_not_exist"),
        (HEARD, "kept", 2, "duplicated"),
        (HEARD, "dropped", 1, "should_not_exist"),
    ],
)
def test_dispositions(utterance: dict[str, Any], outcome: str | None, copies: int, expected: str) -> None:
    what = said(**utterance)
    assert disposition(what, delivered(what, outcome), copies=copies) == expected


def test_clips_nobody_said_are_counted() -> None:
    one, other = said("H01-D1-001"), said("H02-D1-001")
    made = ledger((one, delivered(one), [stored(one), stored(other, "ref-2")]))
    assert made.unexplained == 1
    counts = figures(made)
    assert counts.unexplained == 1
    assert counts.kept + counts.dropped + counts.lost + counts.should_not_exist == counts.utterances == 1


def test_a_truth_in_which_two_utterances_share_a_tag_is_not_joined() -> None:
    one, other = said("H01-D1-001", session_id="s1"), said("H02-D1-001", session_id="s1")
    with pytest.raises(ValueError, match="session id"):
        ledger((one, delivered(one), [stored(one)]), (other, delivered(other), [stored(other, "ref-2")]))


@given(st.permutations(range(4)))
def test_the_digest_knows_no_order(order: list[int]) -> None:
    rows = [(u, delivered(u), [stored(u, f"ref-{n}")]) for n, u in enumerate(said(f"H0{n}-D1-001") for n in range(4))]
    assert ledger(*rows).digest == ledger(*(rows[at] for at in order)).digest


def test_the_digest_knows_every_outcome() -> None:
    one = said()
    kept, lost = ledger((one, delivered(one), [stored(one)])), ledger((one, delivered(one, None), []))
    assert kept.digest != lost.digest


@pytest.mark.parametrize(
    ("first", "second", "endings"),
    [
        (1, 0, ["kept", "dropped"]),
        (0, 1, ["dropped", "kept"]),
        (1, 1, ["kept", "duplicated"]),
        (0, 0, ["lost", "dropped"]),
    ],
)
def test_of_what_two_devices_heard_one_clip_is_kept(first: int, second: int, endings: list[str]) -> None:
    one, other = said("H01-D1-001"), said("H01-D2-001", same_as="H01-D1-001")
    made = ledger(
        (one, delivered(one, None), [stored(one, "ref-1")] * first),
        (other, delivered(other, None), [stored(other, "ref-2")] * second),
    )
    assert [row.disposition for row in made.rows] == endings
