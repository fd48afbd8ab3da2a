"""What "next clip" costs with a hundred times as many clips in the store: at most twice as much."""

import secrets
import statistics
import time
from pathlib import Path

import pytest

from gateway.storage.assignments import Assignments
from gateway.storage.queue_rules import Rules
from gateway.storage.store import Store
from gateway.storage.tables import clips, waiting

FEW, MANY, ASKS = 1_000, 100_000, 200


def store_of(folder: Path, count: int) -> Store:
    store = Store(f"sqlite:///{folder}/{count}.db")
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
def test_next_does_not_grow_with_the_store(tmp_path: Path) -> None:
    few, many = asked(store_of(tmp_path, FEW)), asked(store_of(tmp_path, MANY))
    print(f"next clip and its annotation's bookkeeping: {few:.2f} ms of {FEW} clips, {many:.2f} ms of {MANY}")  # noqa: T201
    assert many <= 2 * few
