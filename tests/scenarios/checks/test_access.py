"""What was asked of the review tool from outside: all as it should be, something not, or nothing asked."""

import pytest

from scenarios.checks.access import asked
from scenarios.model.observations import Probe
from scenarios.verdict import Outcome
from tests.scenarios.world import observed

WELL = Probe(of="access", asked="right password, wrong code", held=True, got="401")
WRONG = Probe(of="access", asked="an account that was taken away asks GET /queue", held=False, got="200")


@pytest.mark.parametrize(
    ("probes", "outcome", "says"),
    [
        ((WELL,), Outcome.PASS, "all 1 as they should be: right password, wrong code"),
        ((WELL, WRONG), Outcome.FAIL, "1 of 2 questions were not answered as they should be: an account that was"),
        ((), Outcome.UNKNOWN, "nothing could be asked"),
    ],
)
def test_every_answer_counts(probes: tuple[Probe, ...], outcome: Outcome, says: str) -> None:
    verdict = asked(observed(probes=probes), "access")
    assert verdict.outcome is outcome
    assert says in verdict.why


def test_the_other_checks_questions_are_not_its_own() -> None:
    assert asked(observed(probes=(WRONG,)), "review_work").outcome is Outcome.UNKNOWN
