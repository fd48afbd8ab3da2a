"""Time and requests take things back, and nothing of them stays in the database's files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.storage.retention import Swept, sweep
from gateway.storage.store import Annotation, Store

START = datetime(2019, 4, 10, 12, tzinfo=UTC)
PSEUDONYM, WORDS, NOTE = "c0ffee11c0ffee11", "play the marimba quietly", "hears a marimba"


def contract(lifetime: int | None, retention: int | None) -> Contract:
    strict = load_contract("strict")
    redact = strict.redact.model_copy(
        update={"pseudonyms": strict.redact.pseudonyms.model_copy(update={"lifetime_days": lifetime})}
    )
    return strict.model_copy(
        update={"redact": redact, "review": strict.review.model_copy(update={"retention_days": retention})}
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    for ref, owner in (("one", "sealed-1"), ("two", "sealed-2")):
        clip = RedactedClip(
            ref=ref,
            recorded_on="2019-04-10",
            trigger="wake_word",
            duration_ms=900,
            device=PSEUDONYM if ref == "one" else "0" * 16,
            transcript=WORDS if ref == "one" else "stop",
            wav=WORDS.encode() * 50 if ref == "one" else b"x",
            kept_on=START.date().isoformat(),
            owner=owner,
        )
        store.put(clip, session_key=f"key-{ref}", join_tag=f"tag-{ref}")
    store.annotate("one", Annotation(reviewer="ada", transcription=NOTE, intent="music", effective="yes"))
    return store


def at_rest(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_pseudonym_goes_after_its_lifetime_and_the_clip_stays(store: Store, tmp_path: Path) -> None:
    rules = contract(lifetime=180, retention=730)
    assert sweep(store, rules, START + timedelta(days=179)) == Swept(unlinked=0, deleted=0)
    assert PSEUDONYM.encode() in at_rest(tmp_path)
    assert sweep(store, rules, START + timedelta(days=180)) == Swept(unlinked=2, deleted=0)
    row = store.get("one")
    assert row is not None
    assert (row["device"], row["transcript"]) == (None, WORDS)
    assert store.audio("one")
    assert store.owners() == []
    assert PSEUDONYM.encode() not in at_rest(tmp_path)
    assert sweep(store, rules, START + timedelta(days=181)) == Swept(unlinked=0, deleted=0)
    store.close()


def test_a_clip_goes_after_its_retention_with_all_that_was_said_of_it(store: Store, tmp_path: Path) -> None:
    rules = contract(lifetime=None, retention=30)
    assert (store.annotations("one")[0]["transcription"], store.audio("one")) == (NOTE, WORDS.encode() * 50)
    assert sweep(store, rules, START + timedelta(days=30)) == Swept(unlinked=0, deleted=2)
    assert store.refs() == []
    left = at_rest(tmp_path)
    assert WORDS.encode() not in left
    assert NOTE.encode() not in left
    assert b"tag-one" not in left
    store.close()


def test_a_households_clips_go_on_request_and_no_others(store: Store, tmp_path: Path) -> None:
    assert store.delete_of(["sealed-1", "sealed-9"]) == 1
    assert store.refs() == ["two"]
    assert WORDS.encode() not in at_rest(tmp_path)
    assert store.has_session("key-one")  # what was kept once is not kept again
    store.close()


def test_without_days_nothing_goes(store: Store) -> None:
    assert sweep(store, contract(None, None), START + timedelta(days=9_999)) == Swept(unlinked=0, deleted=0)
    assert store.owner("one") == "sealed-1"
    assert store.withdraw("one", "critical_data")
    assert store.owner("one") is None
    store.close()
