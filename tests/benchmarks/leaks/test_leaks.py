"""The leak detector's speed at 20,000 needles, each figure beside Hyperscan alone over the same bytes."""

import base64
import gzip
import json
import random
import resource
import time
from pathlib import Path

import hyperscan
import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.needles import needles_of
from scenarios.leaks.scorecard.score import score

pytestmark = pytest.mark.bench
OUT = Path("out/bench/leaks.json")
WORDS = "turn on the lights in kitchen and call somebody about weather tomorrow morning please".split()
# Published by value-searcher's authors for their own machine; not measured here.
PUBLISHED = {"value_searcher_simple_ms": 0.12, "value_searcher_nested_ms": 4.3}


@pytest.fixture(scope="module")
def figures():
    known = {"published_elsewhere": PUBLISHED}
    yield known
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(known, indent=1) + "\n")


@pytest.fixture(scope="module")
def identities():
    homes = []
    for at in range(1_500):
        home = control_household(at)
        device = home.devices[0].model_copy(update={"site_id": f"control-{at:08x}"})
        homes.append(home.model_copy(update={"household_id": f"H{at}", "devices": (device,)}))
    return Identities(schema=1, households=tuple(homes))


@pytest.fixture(scope="module")
def detector(identities, figures):
    start = time.perf_counter()
    made = LeakDetector(identities)
    figures["needles"] = made.needle_count
    figures["built_s"] = round(time.perf_counter() - start, 2)
    figures["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return made


@pytest.fixture(scope="module")
def alone(identities):
    keys = sorted({needle.key for needle in needles_of(identities).needles})
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[key.encode() for key in keys], ids=list(range(len(keys))), literal=True)
    return lambda data: database.scan(data, match_event_handler=lambda *found: None)


def _plain():
    return " ".join(random.Random(1).choices(WORDS, k=340)).encode()[:2_048]


def _clips():
    rng = random.Random(2)
    clips = [
        {
            "ref": rng.randbytes(16).hex(),
            "transcript": " ".join(rng.choices(WORDS, k=12)),
            "peaks": [rng.randrange(100) for _ in range(60)],
        }
        for _ in range(5)
    ]
    return json.dumps(clips).encode()


def _nested():
    inner = base64.b64encode(gzip.compress(_clips())).decode()
    return json.dumps({"a": json.dumps({"b": inner})}).encode()


CASES = {
    "plain_2kb": _plain, "json_2kb": _clips, "nested_2kb": _nested, "plain_4mb": lambda: _plain() * 2_048,
}  # fmt: skip


@pytest.mark.benchmark(group="leaks")
@pytest.mark.parametrize("name", CASES)
def test_search(benchmark, detector, alone, figures, name):
    data = CASES[name]()
    haystack = Haystack(parts=(Part(kind="response_body", name="", data=data),))
    benchmark.pedantic(detector.search, args=(haystack,), rounds=15 if len(data) < 100_000 else 5, warmup_rounds=1)
    ceiling = []
    for _ in range(15):
        start = time.perf_counter()
        alone(data)
        ceiling.append(time.perf_counter() - start)
    best = benchmark.stats.stats.min
    figures[name] = {
        "bytes": len(data),
        "best_us": round(best * 1e6, 1),
        "mb_per_s": round(len(data) / best / 1e6, 2),
        "hyperscan_alone_mb_per_s": round(len(data) / min(ceiling) / 1e6, 2),
        "share_of_ceiling": round(min(ceiling) / best, 4),
    }
    assert not detector.search(haystack).notes


def test_recall_and_false_alarms(figures):
    card = score(seed=1, chains=400, clean=1_000)
    figures["recall"] = {"planted": card.planted, "found": card.found, "at_least": round(card.recall_low, 5)}
    figures["clean"] = {"responses": card.clean_responses, "false_alarms": card.false_alarms}
    assert card.false_alarms == 0
