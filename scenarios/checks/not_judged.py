"""Findings of the run that no selected check judged. They make the verdict unknown."""

from collections.abc import Collection

from scenarios.checks.exposure import distinct
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.verdict import Finding, Outcome, Verdict


def not_judged(ledger: Ledger, seen: Observations, names: Collection[str]) -> Verdict | None:
    """Unknown, with the findings. None if the selected checks judged every finding."""
    findings: tuple[Finding, ...] = ()
    said: list[str] = []
    wanted: list[str] = []

    def left(check: str, count: int, what: str, found: tuple[Finding, ...] = ()) -> None:
        nonlocal findings
        if check not in names and count:
            findings += found
            said.append(what)
            wanted.append(check)

    shown = distinct(finding for response in seen.responses for finding in response.findings)
    homes = len({finding.household_id for finding in shown})
    left("leaks", len(shown), f"{len(shown)} findings of {homes} households in responses", shown)
    stored = distinct(finding for file in seen.at_rest for finding in file.findings)
    left("at_rest", len(stored), f"{len(stored)} findings in files at rest", stored)
    missed = sum(not control.found for control in seen.controls)
    left("positive_control", missed, f"{missed} planted leaks that the search missed")
    exists = ledger.count("should_not_exist") + ledger.unexplained
    left("should_not_exist", exists, f"{exists} clips that should not exist")
    lost, twice = ledger.count("lost"), sum(len(row.refs) > 1 or row.disposition == "duplicated" for row in ledger.rows)
    left("conservation", lost + twice, f"{lost} utterances lost, {twice} stored twice")
    if not said:
        return None
    why = f"{'; '.join(said)}: seen, and judged by no selected check; add {', '.join(wanted)} to checks"
    return Verdict(check="not_judged", outcome=Outcome.UNKNOWN, examined=len(said), why=why, findings=findings)
