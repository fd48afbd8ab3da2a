"""False alarms in a gigabyte of the machine's own real texts, about homes that are in none of them.

EARLID_BENCH_MB (default 4) is how much of each corpus is read; figures are scaled to a gigabyte.
"""

import os
from collections import Counter
from typing import Any

import pytest

from scenarios.leaks.detector import Haystack, LeakDetector, Part
from tests.benchmarks.leaks.real_texts import americans, corpora, texts

pytestmark = pytest.mark.bench
MEGABYTE = 1_000_000
BARS = {400: 1, 5_000: 10}  # medium and higher, in a gigabyte


@pytest.mark.parametrize("households", BARS)
def test_false_alarms_in_real_texts(households: Any, note: Any) -> None:
    detector = LeakDetector(americans(households))
    most = int(float(os.environ.get("EARLID_BENCH_MB", "4")) * MEGABYTE)
    searched, graver = 0, 0
    for corpus in corpora():
        size = 0
        found: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for name, data in texts(corpus, most):
            size += len(data)
            for finding in detector.search(Haystack(parts=(Part(kind="file", name=name, data=data),))).findings:
                found[finding.severity] += 1
                if finding.severity != "low":
                    kinds[f"{finding.field}: {' > '.join(finding.how)}"] += 1
        searched, graver = searched + size, graver + sum(found.values()) - found["low"]
        note(
            f"false alarms, {households} homes, {corpus}",
            megabytes=round(size / MEGABYTE, 1),
            **found,
            kinds=dict(kinds),
        )
    note(
        f"false alarms, {households} homes",
        megabytes=round(searched / MEGABYTE, 1),
        medium_or_higher=graver,
        in_a_gigabyte=round(graver / searched * 1e9, 1),
        bar=BARS[households],
    )
    # One alarm in a sample says little; this many would be over the bar with near certainty.
    assert graver <= BARS[households] * searched / 1e9 + 4
