"""The leak detector's speed at 20,000 needles, each figure beside Hyperscan alone over the same bytes."""

import json
import time
from typing import Any

import hyperscan
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.needles.needles import needles_of
from scenarios.leaks.scorecard.score import score
from tests.benchmarks.leaks.conftest import CASES, peak_mb

pytestmark = pytest.mark.bench
# Published by value-searcher's authors for their own machine; not measured here.
PUBLISHED = {"simple_ms": 0.12, "nested_ms": 4.3, "known_leaks_found": "12621 of 12621"}


@pytest.fixture(scope="module")
def alone(identities: Any) -> Any:
    keys = sorted({needle.key for needle in needles_of(identities).needles})
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[key.encode() for key in keys], ids=list(range(len(keys))), literal=True)
    return lambda data: database.scan(data, match_event_handler=lambda *found: None)


def best_of(times: Any, work: Any) -> Any:
    """Of processor time: what else runs on the machine is not what is measured."""
    took = []
    for _ in range(times):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


@pytest.mark.benchmark(group="leaks")
@pytest.mark.parametrize("name", CASES)
def test_search(benchmark: BenchmarkFixture, detector: Any, alone: Any, note: Any, name: Any) -> None:
    data = CASES[name]()
    haystack = Haystack(parts=(Part(kind="response_body", name="", data=data),))
    rounds = 30 if len(data) < 100_000 else 5
    benchmark.pedantic(detector.search, args=(haystack,), rounds=rounds, warmup_rounds=1)  # type: ignore[no-untyped-call]
    # Both repeated until the clock can tell: one search of two kilobytes is quicker than its ticks.
    times = 50 if len(data) < 100_000 else 1
    best = best_of(rounds, lambda: [detector.search(haystack) for _ in range(times)]) / times
    ceiling = best_of(rounds, lambda: [alone(data) for _ in range(times)]) / times
    note(
        name,
        bytes=len(data),
        best_us=round(best * 1e6, 1),
        wall_best_us=round(benchmark.stats.stats.min * 1e6, 1),
        mb_per_s=round(len(data) / best / 1e6, 2),
        hyperscan_alone_mb_per_s=round(len(data) / ceiling / 1e6, 2),
        share_of_ceiling=round(ceiling / best, 4),
        peak_memory_mb=peak_mb(),
    )
    assert not detector.search(haystack).notes


def test_recall_and_false_alarms(note: Any) -> None:
    card = score(seed=1, chains=400, clean=1_000)
    note("recall", planted=card.planted, found=card.found, at_least=round(card.recall_low, 5), missed=list(card.missed))
    note("clean", responses=card.clean_responses, bytes=card.clean_bytes, false_alarms=card.false_alarms)
    note("published_by_value_searcher", **PUBLISHED)
    assert card.false_alarms == 0
    assert card.found == card.planted


def test_a_small_fleet_is_loaded_in_a_second_and_a_response_read_in_two_milliseconds(note: Any) -> None:
    homes = [control_household(seed) for seed in range(30, 35)]
    known = Identities(schema=1, households=tuple(h.model_copy(update={"household_id": h.customer_id}) for h in homes))
    made: list[LeakDetector] = []
    loaded = best_of(1, lambda: made.append(LeakDetector(known)))
    clip = {"ref": "a8" * 16, "transcript": "turn on the lights and call [contact]", "peaks": list(range(100)) * 4}
    response = Haystack(parts=(Part(kind="response_body", name="", data=json.dumps(clip).encode()),))
    read = best_of(20, lambda: made[0].search(response))
    note("small fleet", load_s=round(loaded, 2), response_ms=round(read * 1e3, 2))
    assert loaded < 1
    assert read < 0.002
