"""What "next clip" costs with a hundred times as many clips in the store: at most twice as much."""

import secrets
import statistics
import time
from collections.abc import Callable

import pytest

from gateway.storage.queue.assignments import Assignments
from gateway.storage.queue.rules import Rules
from gateway.storage.store import Store
from gateway.storage.tables import clips, waiting
from tests.benchmarks.figures import Note

FEW, MANY, ASKS = 1_000, 100_000, 200


def store_of(url: str, count: int) -> Store:
    store = Store(url)
    refs = [secrets.token_urlsafe(16) for _ in range(count)]
    row = {
        "recorded_on": "2019-04-10",
        "trigger": "button",
        "duration_ms": 9,
        "kept_on": "2019-04-10",
        "published": True,
    }
    with store.database.engine.begin() as db:
        db.execute(clips.insert(), [row | {"ref": ref} for ref in refs])
        db.execute(waiting.insert(), [{"ref": ref, "turn": secrets.randbelow(2**62), "wanted": 1} for ref in refs])
    return store


def asked(store: Store) -> float:
    """Milliseconds of a claim and its end, the median."""
    work, took = Assignments(store.database, Rules()), []
    for _ in range(ASKS):
        began = time.perf_counter()
        ref = work.claim("ada")
        assert ref is not None
        work.done("ada", ref)
        took.append((time.perf_counter() - began) * 1_000)
        work.release_all("ada", only_done=True)
    store.close()
    return statistics.median(took)


@pytest.mark.bench
def test_next_does_not_grow_with_the_store(two_urls: tuple[str, Callable[[], str]], note: Note) -> None:
    url, copied = two_urls
    other = copied()  # empty as yet
    few, many = asked(store_of(url, FEW)), asked(store_of(other, MANY))
    kind = url.partition("+")[0].partition(":")[0]
    note(f"{kind} next by size", few_clips=FEW, few_ms=round(few, 2), many_clips=MANY, many_ms=round(many, 2))
    assert many <= 2 * few
