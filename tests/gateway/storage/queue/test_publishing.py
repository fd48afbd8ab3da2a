"""A batch is published once, at its time, and at most the contract's share of it waits."""

from gateway.clip import RedactedClip
from gateway.storage.queue.publishing import _SOMETHING, Publishing
from gateway.storage.queue.rules import Rules
from gateway.storage.store import Store
from gateway.storage.tables import clips


def test_a_batch_is_published_once_and_at_its_time(url: str) -> None:
    store = Store(url)
    publishing = Publishing(store.database, Rules(publish_minutes=10))

    def keep(*refs: str) -> None:
        for ref in refs:
            clip = RedactedClip(ref=ref, recorded_on="2019-04-10", trigger="button", duration_ms=9)
            store.put(clip, session_key=ref)

    keep("one", "two")
    assert publishing.publish(1_000.0) == 2
    keep("three")
    assert publishing.publish(1_599.0) == 0
    assert publishing.publish(1_600.0) == 1
    assert publishing.publish(1_600.0) == 0
    assert publishing.publish(2_200.0) == 0, "a batch of nothing"
    keep("four")
    assert publishing.publish(2_799.0) == 0
    assert publishing.publish(2_800.0) == 1
    assert store.waiting_count() == 4
    store.close()


def test_a_share_of_the_clips_waits(url: str) -> None:
    store = Store(url)
    publishing = Publishing(store.database, Rules(share=0.0))
    store.put(RedactedClip(ref="one", recorded_on="2019-04-10", trigger="button", duration_ms=9), session_key="one")
    assert publishing.publish(1_000.0) == 1
    assert store.waiting_count() == 0
    store.close()


def test_looking_for_new_clips_reads_no_published_one(url: str) -> None:
    """A planner without statistics, as just after a large import, must take the index of what waits."""
    store = Store(url)
    row = {"recorded_on": "2019-04-10", "trigger": "button", "duration_ms": 9, "kept_on": "2019-04-10"}
    with store.database.engine.begin() as db:
        db.execute(clips.insert(), [row | {"ref": f"ref-{number}", "published": True} for number in range(10_000)])
    with store.database.reading.connect() as db:
        how = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"
        plan = str(db.exec_driver_sql(f"{how} {_SOMETHING.compile(db)}").all())
    store.close()
    assert "ix_clips_unpublished" in plan, plan
