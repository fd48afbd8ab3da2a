"""Lost, doubled and impossible clips fail."""

import msgspec

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


def test_messages_of_unknown_devices_are_something_to_examine() -> None:
    fleet = ledger((ONE, delivered(ONE), [stored(ONE)]))
    assert should_not_exist(fleet).examined == 0
    verdict = should_not_exist(fleet, 12)
    assert (verdict.outcome, verdict.examined) == (Outcome.PASS, 12)
    assert "0 clips that nobody said, of 12 messages of unknown devices" in verdict.why
    left = ledger((ONE, delivered(ONE), [stored(ONE)]), unexplained=1)
    assert should_not_exist(left, 12).outcome is Outcome.FAIL


def test_a_gateway_that_was_silent_is_named() -> None:
    made = ledger((ONE, delivered(ONE), [stored(ONE)]))
    silent = msgspec.structs.replace(made, silence_s=25.0)
    assert "said nothing for 25 s" in conservation(silent).why
    assert "said nothing" not in conservation(msgspec.structs.replace(made, silence_s=4.0)).why
