"""Did the review tool bear the load: failures and the 95th percentile within the scenario's limits."""

from scenarios.model.observations import Observations
from scenarios.model.scenario import Load
from scenarios.verdict import Outcome, Verdict


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
