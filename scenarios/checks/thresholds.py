"""Checks the scenario's own limits. A figure that nobody measured is unknown."""

from collections.abc import Sequence

import msgspec

from scenarios.checks.figures import Measured, counted_in, figure
from scenarios.checks.share import interval
from scenarios.model.expectation import Limit, Threshold, limit
from scenarios.model.fleet import Fleet, homes_named
from scenarios.verdict import Outcome, Verdict, combine


def thresholds(asked: Sequence[str | Threshold], run: Measured, fleet: Fleet) -> Verdict:
    """Fails when one is broken or has stopped the run; unknown when one could not be measured and none is broken."""
    said, outcomes = [], []
    for each in map(whole, asked):
        wanted = limit(each.that)
        part = _part(wanted, run, fleet)
        value = figure(wanted.figure, part, wanted.route, warmup_ms=each.warmup) if part else None
        if part is None:
            outcomes.append(Outcome.UNKNOWN)
            said.append(f"{wanted}: nothing was said there, so that nothing could be measured")
            continue
        if value is None:
            outcomes.append(Outcome.UNKNOWN)
            said.append(f"{wanted}: not measured")
            continue
        held, exact = wanted.bound.holds(value, each.tolerance), wanted.bound.holds(value)
        outcomes.append(Outcome.PASS if held else Outcome.FAIL)
        within = f"holds within the tolerance of {each.tolerance:g}"
        how = "broken" if not held else "holds" if exact else within
        beyond = f", by more than the tolerance of {each.tolerance:g}" if each.tolerance and not held else ""
        warm = f" after {each.warmup / 1_000:g} s of warm-up" if each.warmup else ""
        said.append(f"{wanted}: {value:.4g}{_of(wanted.figure, part)}{warm}, {how}{beyond}")
    if run.seen.stopped is not None:
        outcomes.append(Outcome.FAIL)
        said.insert(0, f"stopped the run: {run.seen.stopped}")
    return Verdict(check="thresholds", outcome=combine(outcomes), examined=len(said), why="; ".join(said))


def broken_early(asked: Sequence[str | Threshold], run: Measured, fleet: Fleet) -> str | None:
    """The first limit that stops the run and is broken by what is known already; None: none is."""
    for each in map(whole, asked):
        wanted = limit(each.that)
        if each.abort and not wanted.figure.startswith(("load.", "leaks.")):
            part = _part(wanted, run, fleet)
            value = figure(wanted.figure, part) if part else None
            if value is not None and not wanted.bound.holds(value, each.tolerance):
                return f"{wanted}: {value:.4g} before any reviewer worked"
    return None


def _part(wanted: Limit, run: Measured, fleet: Fleet) -> Measured | None:
    """What of the run a limit is about: all, or the utterances of one cohort's homes. None if there is none."""
    if wanted.cohort is None:
        return run
    homes = homes_named(fleet, cohort=wanted.cohort)
    rows = tuple(row for row in run.ledger.rows if row.utterance.household_id in homes)
    # Clips that nobody said belong to no cohort.
    ledger = msgspec.structs.replace(run.ledger, rows=rows, unexplained=0)
    return msgspec.structs.replace(run, ledger=ledger) if rows else None


def whole(said: str | Threshold) -> Threshold:
    """A threshold that is only its expression as one with every key."""
    return Threshold(that=said) if isinstance(said, str) else said


def _of(name: str, run: Measured) -> str:
    """How sure a share is: what it was counted in, and its interval."""
    counts = counted_in(name, run)
    if counts is None:
        return ""
    low, high = interval(*counts)
    return f" ({counts[0]} of {counts[1]}; 95 %: {low:.2g} to {high:.2g})"
