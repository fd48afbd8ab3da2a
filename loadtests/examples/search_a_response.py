"""Ask one address and say whom its answer gives away: the detector by itself, in three lines.

python loadtests/examples/search_a_response.py identities.json http://127.0.0.1:8000/clips/1
"""

import sys
from pathlib import Path

import httpx

from gateway.identities import load_identities
from scenarios.leaks.detector import LeakDetector

if __name__ == "__main__":
    detector = LeakDetector(load_identities(Path(sys.argv[1])))
    findings = detector.scan(httpx.get(sys.argv[2]))
    for finding in findings:
        sys.stdout.write(
            f"{finding.field} of {finding.household_id} in {finding.where.kind}: {finding.masked_evidence}\n"
        )
    raise SystemExit(1 if findings else 0)
