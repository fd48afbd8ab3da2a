"""Checks that failures and latency are within the scenario's limits, and that a paced fleet kept its time."""

from scenarios.model.observations import Observations
from scenarios.model.scenario import Load
from scenarios.verdict import Outcome, Verdict
from simulator.world.truth import Pace


def load(seen: Observations, limits: Load) -> Verdict:
    found = seen.load
    if found is None or not found.requests:
        return Verdict(check="load", outcome=Outcome.UNKNOWN, examined=0, why="no request was made")
    share = found.failures / found.requests
    within = share <= limits.max_failure_share and found.p95_ms <= limits.p95_ms
    why = (
        f"{found.requests} requests, {found.failures} failed, {found.rps:.0f}/s, "
        f"p95 {found.p95_ms:.0f} ms (limit {limits.p95_ms})"
    )
    outcome = Outcome.PASS if within else Outcome.FAIL
    return Verdict(check="load", outcome=outcome, examined=found.requests, why=why)


def pace(kept: Pace | None) -> Verdict:
    """Pass or unknown, never fail: a late fleet measured something else than it says, whoever made it late."""
    if kept is None:
        why = "the fleet ran as fast as it was answered; there was no pace to keep"
        return Verdict(check="pace", outcome=Outcome.UNKNOWN, examined=0, why=why)
    why = f"99 of 100 events within {kept.p99_ms:.0f} ms of their time (limit {kept.limit_ms:.0f} ms)"
    if kept.held_up:
        why += (
            f"; the gateway held the fleet up, for {kept.longest_wait_ms / 1000:.1f} s at the longest; without that it "
            f"was within {kept.own_p99_ms:.0f} ms"
        )
    outcome = Outcome.PASS if kept.valid else Outcome.UNKNOWN
    return Verdict(check="pace", outcome=outcome, examined=kept.steps, why=why)
