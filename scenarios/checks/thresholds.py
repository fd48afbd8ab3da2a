"""The scenario's own limits: each a figure, a comparison, a number. A figure nobody measured settles nothing."""

from collections.abc import Sequence

from scenarios.checks.figures import Measured, figure
from scenarios.model.expectation import Threshold, limit
from scenarios.verdict import Outcome, Verdict, combine


def thresholds(asked: Sequence[str | Threshold], run: Measured) -> Verdict:
    """Fails when one is broken; unknown when one could not be measured and none is broken."""
    said, outcomes = [], []
    for each in asked:
        wanted = limit(each if isinstance(each, str) else each.that)
        value = figure(wanted.figure, run, wanted.route)
        if value is None:
            outcomes.append(Outcome.UNKNOWN)
            said.append(f"{wanted}: not measured")
        else:
            held = wanted.bound.holds(value)
            outcomes.append(Outcome.PASS if held else Outcome.FAIL)
            said.append(f"{wanted}: {value:.4g}, {'holds' if held else 'broken'}")
    return Verdict(check="thresholds", outcome=combine(outcomes), examined=len(said), why="; ".join(said))
