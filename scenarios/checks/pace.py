"""Whether the generator kept its own time: a paced fleet that fell behind measured itself."""

from scenarios.verdict import Outcome, Verdict
from simulator.world.truth import Pace


def pace(kept: Pace | None) -> Verdict:
    """Pass or unknown, never fail: lateness is the harness's fault, and says nothing of the system."""
    if kept is None:
        why = "the fleet ran as fast as it was answered; there was no pace to keep"
        return Verdict(check="pace", outcome=Outcome.UNKNOWN, examined=0, why=why)
    why = f"99 of 100 events within {kept.p99_ms:.0f} ms of their time (limit {kept.limit_ms:.0f} ms)"
    outcome = Outcome.PASS if kept.valid else Outcome.UNKNOWN
    return Verdict(check="pace", outcome=outcome, examined=kept.steps, why=why)
