"""What a run means: an incident that fails as expected passes, a blind one never does."""

from pathlib import Path

import pytest

from scenarios.model.expectation import Expect
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, result

FOUND = Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="x", findings=(finding(),))
CLEAN = Verdict(check="leaks", outcome=Outcome.PASS, examined=3, why="x")
SEES = Verdict(check="positive_control", outcome=Outcome.PASS, examined=3, why="x")
BLIND = Verdict(check="positive_control", outcome=Outcome.UNKNOWN, examined=3, why="x")
MUST_FAIL = Expect(verdict="fail", findings=("home.latitude",))


@pytest.mark.parametrize(
    ("verdicts", "expect", "as_expected", "final"),
    [
        ((FOUND, SEES), MUST_FAIL, True, Outcome.PASS),
        ((CLEAN, SEES), MUST_FAIL, False, Outcome.FAIL),
        ((FOUND, BLIND), MUST_FAIL, False, Outcome.FAIL),
        ((FOUND, SEES), Expect(verdict="fail", findings=("customer_id",)), False, Outcome.FAIL),
        ((CLEAN, SEES), Expect(verdict="pass"), True, Outcome.PASS),
        ((CLEAN, BLIND), Expect(verdict="pass"), False, Outcome.UNKNOWN),
        ((FOUND, SEES), Expect(verdict="pass"), False, Outcome.FAIL),
        ((FOUND, SEES), None, None, Outcome.FAIL),
        ((CLEAN, BLIND), None, None, Outcome.UNKNOWN),
    ],
)
def test_expectations(
    verdicts: tuple[Verdict, ...], expect: Expect | None, as_expected: bool | None, final: Outcome, tmp_path: Path
) -> None:
    run = result(verdicts, expect, out=tmp_path)
    assert (run.as_expected, run.final) == (as_expected, final)


def test_the_headline_says_whether_it_was_expected(tmp_path: Path) -> None:
    assert result((FOUND, SEES), MUST_FAIL, out=tmp_path).headline == "system FAIL, as expected"
    assert result((FOUND, BLIND), MUST_FAIL, out=tmp_path).headline == "system FAIL, NOT as expected"
    assert result((CLEAN, SEES), out=tmp_path).headline == "system PASS"
