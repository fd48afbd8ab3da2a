"""Outcomes combine as a careful person would; fingerprints are stable and hold no value."""

import msgspec
import pytest

from scenarios.verdict import EXIT_CODES, Outcome, combine
from tests.scenarios.world import finding

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        ([PASS, PASS], PASS),
        ([PASS, UNKNOWN], UNKNOWN),
        ([UNKNOWN, FAIL, PASS], FAIL),
        ([], UNKNOWN),
    ],
)
def test_fail_dominates_then_unknown(outcomes: list[Outcome], together: Outcome) -> None:
    assert combine(outcomes) is together


def test_exit_codes_are_those_published() -> None:
    assert EXIT_CODES == {PASS: 0, FAIL: 1, UNKNOWN: 3}


def test_a_fingerprint_ignores_who_and_where_exactly_and_knows_field_and_chain() -> None:
    one = finding()
    same = msgspec.structs.replace(one, household_id="H09", masked_evidence="home of H09 within 2 m")
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != finding("home.street").fingerprint
    assert one.fingerprint != msgspec.structs.replace(one, how=("base64", "place")).fingerprint
