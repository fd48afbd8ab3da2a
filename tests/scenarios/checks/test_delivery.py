"""Lost, doubled and impossible clips fail."""

from scenarios.checks.delivery import conservation, should_not_exist
from scenarios.verdict import Outcome
from tests.scenarios.world import delivered, ledger, said, stored

ONE = said()
MUTED = said("H02-D1-001", kind="muted", expected="drop", acoustic=False)


def test_conservation() -> None:
    assert conservation(ledger((ONE, delivered(ONE), [stored(ONE)]))).outcome is Outcome.PASS
    assert conservation(ledger((ONE, delivered(ONE, None), []))).outcome is Outcome.FAIL
    assert conservation(ledger((ONE, delivered(ONE), [stored(ONE), stored(ONE, "b")]))).outcome is Outcome.FAIL


def test_what_must_not_exist() -> None:
    assert should_not_exist(ledger((MUTED, delivered(MUTED, "dropped"), []))).outcome is Outcome.PASS
    assert should_not_exist(ledger((MUTED, delivered(MUTED), [stored(MUTED)]))).outcome is Outcome.FAIL
    dropped = ledger((MUTED, delivered(MUTED, "dropped"), []), unexplained=1)
    assert should_not_exist(dropped).outcome is Outcome.FAIL


def test_a_muted_clip_stored_twice_must_not_exist_and_is_there_twice() -> None:
    twice = ledger((MUTED, delivered(MUTED), [stored(MUTED), stored(MUTED, "b")]))
    found = should_not_exist(twice)
    assert found.outcome is Outcome.FAIL
    assert found.why.startswith("1 of 1 utterances")
    assert conservation(twice).outcome is Outcome.FAIL
