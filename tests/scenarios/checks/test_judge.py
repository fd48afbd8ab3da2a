"""A check that crashes, lacks what it requires or examines nothing is unknown."""

from typing import Any

import pytest

from gateway.contract.model import load_contract
from scenarios.checks import judge as judge_module
from scenarios.checks.judge import CHECKS, Case, Check, judge
from scenarios.model.expectation import CheckName
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import delivered, ledger, observed, said, scenario, stored

ONE = said()
EVERYTHING = frozenset({"join:exact", "truth:audio", "at_rest"})


def case(capabilities: frozenset[str] = EVERYTHING) -> Case:
    return Case(
        scenario=scenario(),
        contract=load_contract("strict"),
        ledger=ledger((ONE, delivered(ONE), [stored(ONE)])),
        seen=observed(),
        capabilities=capabilities,
    )


def only(monkeypatch: pytest.MonkeyPatch, verdict: Any) -> Verdict:
    monkeypatch.setattr(judge_module, "CHECKS", (Check(name="leaks", requires=frozenset(), judge=verdict),))
    return judge(case(), ["leaks"])[0]


def test_a_crash_is_unknown_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Case) -> Verdict:
        raise ValueError("Laura lives at 12 Oak Hill Road")

    verdict = only(monkeypatch, crash)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.why.startswith("not checked: a fault of Earlid's own stopped this check (test_judge.py:")
    assert "ValueError" not in verdict.why
    assert "Laura" not in verdict.why


def test_a_pass_that_examined_nothing_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Verdict(check="leaks", outcome=Outcome.PASS, examined=0, why="fine")
    assert only(monkeypatch, lambda _: empty).outcome is Outcome.UNKNOWN


def test_a_capability_that_is_missing_is_unknown() -> None:
    (verdict,) = judge(case(frozenset()), ["conservation"])
    assert verdict.outcome is Outcome.UNKNOWN
    assert "join:exact" in verdict.why


def test_the_list_and_the_file_format_name_the_same_checks() -> None:
    assert tuple(check.name for check in CHECKS) == CheckName.__args__  # type: ignore[attr-defined]
