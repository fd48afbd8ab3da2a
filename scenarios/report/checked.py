"""What was checked. Every figure and sentence of a report asks here first, so that nothing unexamined is reported."""

from collections.abc import Mapping
from types import MappingProxyType

from scenarios.report.result import RunResult
from scenarios.verdict import Outcome, Verdict

NOT_CHECKED = "not checked"

# What each check asks, for somebody who reads no code.
QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "leaks": "Does anything reviewers are shown identify a household?",
        "positive_control": "Would the search have noticed? (planted leaks)",
        "coverage": "Was everything the review tool shows looked at?",
        "sampling": "Did no more clips reach reviewers than the contract's share?",
        "conservation": "Is every utterance accounted for, and kept as it was sent?",
        "should_not_exist": "Does nothing exist that must not: muted, without consent, unknown?",
        "gating": "Is audio kept only when it was asked for?",
        "spoken_secrets": "Can spoken names and numbers still be heard?",
        "linkage": "Can clips of one household be joined?",
        "anonymity": "Do places that are shown hide enough people?",
        "at_rest": "Do stored files and logs hold an identity?",
        "retention": "Is what the contract lets expire gone?",
        "access": "Are those kept out who have no business there, at once?",
        "review_work": "Can reviewers do their work, each without seeing the other's?",
        "load": "Did the review tool bear the load?",
        "pace": "Did the fleet keep its time?",
        "thresholds": "Are the scenario's own limits kept?",
        "not_judged": "Was anything seen that no check judged?",
    }
)


def verdict_of(result: RunResult, check: str) -> Verdict | None:
    """The check's verdict. None if it did not run or examined nothing."""
    found = next((verdict for verdict in result.verdicts if verdict.check == check), None)
    return found if found is not None and found.examined else None


def ran(result: RunResult, *checks: str) -> bool:
    """Whether any of the checks examined anything."""
    return any(verdict_of(result, check) is not None for check in checks)


def answer(verdict: Verdict) -> str:
    """The outcome as a word, for the check's question."""
    if verdict.outcome is Outcome.UNKNOWN:
        return "not settled"
    return "as it should be" if verdict.outcome is Outcome.PASS else "broken"


def left_out(result: RunResult) -> tuple[str, ...]:
    """The questions of the checks that were not asked for."""
    asked = {verdict.check for verdict in result.verdicts}
    never = asked | {"pace", "thresholds", "not_judged"}
    return tuple(question for name, question in QUESTIONS.items() if name not in never)
