"""20,000 needles, the texts that are searched, and where the figures go."""

import base64
import gzip
import json
import random
import resource
import time
from collections.abc import Iterator

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector
from tests.benchmarks.figures import Note, noting

WORDS = "turn on the lights in kitchen and call somebody about weather tomorrow morning please".split()


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    with noting("leaks") as write:
        yield write


@pytest.fixture(scope="session")
def identities() -> Identities:
    homes = []
    for at in range(1_500):
        home = control_household(at)
        device = home.devices[0].model_copy(update={"site_id": f"control-{at:08x}"})
        homes.append(home.model_copy(update={"household_id": f"H{at}", "devices": (device,)}))
    return Identities(schema=1, households=tuple(homes))


@pytest.fixture(scope="session")
def detector(identities: Identities, note: Note) -> LeakDetector:
    before, start = peak_mb(), time.perf_counter()
    made = LeakDetector(identities)
    note(
        "detector",
        needles=made.needle_count,
        built_s=round(time.perf_counter() - start, 2),
        peak_memory_mb=peak_mb(),
        of_which_before_it_was_built_mb=before,
    )
    return made


def peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _plain() -> bytes:
    return " ".join(random.Random(1).choices(WORDS, k=340)).encode()[:2_048]


def _clips() -> bytes:
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


def _nested() -> bytes:
    inner = base64.b64encode(gzip.compress(_clips(), mtime=0)).decode()
    return json.dumps({"a": json.dumps({"b": inner})}).encode()


def _many_clips() -> bytes:
    return b"[" + b",\n".join([_clips()] * 500) + b"]"


CASES = {
    "plain_2kb": _plain, "json_2kb": _clips, "nested_2kb": _nested, "plain_4mb": lambda: _plain() * 2_048,
    "json_1mb": _many_clips,
}  # fmt: skip
