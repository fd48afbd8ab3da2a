"""Each rule that was broken is named, with how often it could have been."""

from typing import Any

import msgspec
import pytest

from scenarios.checks.delivery import should_not_exist
from scenarios.model.forbidden import RULES, rule_of, tried
from simulator.world.truth import Utterance
from tests.scenarios.world import delivered, ledger, said, stored


def forbidden(at: int, **more: Any) -> Utterance:
    return said(f"H0{at}-D1-001", **{"expected": "drop", "acoustic": False, **more})


MUTED = forbidden(1, kind="muted")
REFUSED = forbidden(2, kind="no_consent")
LATER = forbidden(3, kind="no_consent", forbidden_by="withdrawn")
FORGOTTEN = forbidden(4, forbidden_by="forgotten")


def test_two_faults_of_one_check_are_two_sentences() -> None:
    rows = ledger(
        (MUTED, delivered(MUTED), [stored(MUTED)]),
        (REFUSED, delivered(REFUSED), []),
        (LATER, delivered(LATER), [stored(LATER, "b")]),
        (FORGOTTEN, delivered(FORGOTTEN), []),
    )
    assert [(each.rule, each.said, each.stored) for each in tried(rows)] == [
        ("muted", 1, 1),
        ("no_consent", 1, 0),
        ("withdrawn", 1, 1),
        ("forgotten", 1, 0),
    ]
    why = should_not_exist(rows).why
    assert "1 of 1 said while the microphone was off, 0 of 1 in homes that have not agreed, 1 of 1 said after" in why


@pytest.mark.parametrize(
    ("more", "outcome", "rule"),
    [
        ({"forbidden_by": "too_long"}, "kept", "too_long"),
        ({"forbidden_by": "other_copy"}, "kept", None),
        ({}, "kept", "contract"),
        ({"expected": "keep"}, "dropped", "told_dropped"),
        ({"expected": "keep"}, "kept", None),
        ({"expected": "drop", "acoustic": True}, "kept", None),
    ],
)
def test_the_rule_of_a_stored_utterance(more: dict[str, object], outcome: str, rule: str | None) -> None:
    one = forbidden(1, **({"acoustic": "expected" in more} | more))
    (row,) = ledger((one, delivered(one, outcome), [stored(one)])).rows
    assert rule_of(row) == rule
    assert rule is None or RULES[rule]


def test_what_was_never_sent_to_its_end_is_a_rule_of_its_own() -> None:
    one = forbidden(1)
    cut = msgspec.structs.replace(delivered(one, None), cut_short="reboot")
    (row,) = ledger((one, cut, [stored(one)])).rows
    assert rule_of(row) == "cut_short"
