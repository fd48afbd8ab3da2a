"""`earlid rate`: one scenario under many seeds; how often each check that rests on luck fails, and how sure that is."""

from collections.abc import Sequence

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.checks.share import interval, of
from scenarios.model.suite_files import Prepared
from scenarios.report.shown.terminal import terminal
from scenarios.twin.many_seeds import POSSIBLE, many_seeds
from scenarios.verdict import Outcome


def rate(prepared: Prepared, seeds: Sequence[int], checks: Sequence[str], *, most: float) -> Outcome:
    """Prints each seed that fails and the share of each check. Fail when a share is above `most` for certain (its
    interval lies above), unknown when that cannot be told.

    Raises:
        BadFile: a check that a run without a review tool cannot judge.
    """
    for name in checks:
        if name not in POSSIBLE:
            raise BadFile(f"--check {name}: {nearest(name, POSSIBLE)}")
    console, failed, examined = terminal(), dict.fromkeys(checks, 0), 0
    if prepared.cell:  # of a matrix the first cell alone is run, and nothing is said of the others
        held = ", ".join(f"{key}: {value}" for key, value in prepared.cell.items())
        console.print(f"{prepared.scenario.name}: one cell of its matrix ({held})", markup=False)
    for seeded in many_seeds(prepared.scenario, prepared.contract, seeds, checks):
        examined += 1
        for verdict in seeded.verdicts:
            if verdict.outcome is Outcome.FAIL and verdict.check in failed:
                failed[verdict.check] += 1
                where = "; ".join(f"{f.field}: {f.masked_evidence} ({f.reproduce})" for f in verdict.findings)
                console.print(f"seed {seeded.seed}: {verdict.check} fails: {where or verdict.why}", markup=False)
    outcomes = []
    for check, count in failed.items():
        low, high = interval(count, examined)
        console.print(f"{check}: fails in {of(count, examined, 'seeds')}; at most {most:.0%} is allowed", markup=False)
        outcomes.append(Outcome.FAIL if low > most else Outcome.PASS if high <= most else Outcome.UNKNOWN)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS
