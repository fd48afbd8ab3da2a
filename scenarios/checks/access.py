"""Checks what the review tool answered when the harness asked for what it may not have, and did a reviewer's work."""

from scenarios.model.observations import Observations
from scenarios.verdict import Outcome, Verdict


def asked(seen: Observations, check: str) -> Verdict:
    """Fails when an answer was not as it should be; every question is named."""
    probes = [probe for probe in seen.probes if probe.of == check]
    wrong = [f"{probe.asked}: {probe.got}" for probe in probes if not probe.held]
    if not probes:
        return Verdict(
            check=check, outcome=Outcome.UNKNOWN, examined=0, why="nothing could be asked: no clip was there"
        )
    if wrong:
        why = f"{len(wrong)} of {len(probes)} questions were not answered as they should be: {'; '.join(wrong)}"
        return Verdict(check=check, outcome=Outcome.FAIL, examined=len(probes), why=why)
    why = f"all {len(probes)} as they should be: {'; '.join(probe.asked for probe in probes)}"
    return Verdict(check=check, outcome=Outcome.PASS, examined=len(probes), why=why)
