"""The clip store on SQLite and on PostgreSQL: once per session, gone when withdrawn, nothing but redacted clips."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from gateway.clip import RedactedClip
from gateway.files import BadFile
from gateway.storage.queue.assignments import Assignments
from gateway.storage.queue.drafts import Drafts
from gateway.storage.queue.rules import Rules
from gateway.storage.store import Annotation, Store
from gateway.storage.tables import flags, meta
from scenarios.run.target import stored_clips

CLIP = RedactedClip(
    ref="ref-1",
    recorded_on="2019-04-10",
    trigger="wake_word",
    duration_ms=1_200,
    device="d-3f9a",
    locality="Ashland, Oregon",
    transcript="alexa call [contact]",
    wav=b"RIFF....",
    peaks=[1, 2, 3],
    spans_digest="s",
)
SAID = Annotation(reviewer="ada", transcription="alexa call", intent="call", effective="yes", heard=("child",))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(url)
    yield made
    made.close()


def test_a_clip_comes_back_as_it_was_kept(store: Store) -> None:
    assert store.put(CLIP, session_key="k", join_tag="t")
    row = store.get("ref-1")
    assert row is not None
    shown = {name: value for name, value in msgspec.structs.asdict(CLIP).items() if name in row}
    assert row == shown
    assert "wav" not in row
    assert store.audio("ref-1") == CLIP.wav
    assert store.refs() == ["ref-1"]
    assert (store.count(), store.get("other"), store.audio("other")) == (1, None, None)


def test_a_session_is_kept_once_and_leaves_nothing_of_the_second_try(store: Store) -> None:
    assert store.put(CLIP, session_key="k", join_tag="t")
    again = msgspec.structs.replace(CLIP, ref="ref-2")
    assert not store.put(again, session_key="k", join_tag="t2")
    assert (store.count(), store.get("ref-2")) == (1, None)
    assert store.has_session("k")
    assert not store.has_session("other")


def test_one_session_id_on_two_devices_is_two_clips_under_one_tag(store: Store, url: str) -> None:
    day = msgspec.structs.replace(CLIP, kept_on="2019-04-10")
    assert store.put(day, session_key="kitchen s1", join_tag="t")
    assert store.put(msgspec.structs.replace(day, ref="ref-2"), session_key="attic s1", join_tag="t")
    plain = url.partition("?")[0]
    assert sorted((clip.tag, clip.ref) for clip in stored_clips(plain)) == [
        ("t", "ref-1"),
        ("t", "ref-2"),
    ]
    assert store.delete(kept_before="2019-04-11") == 2
    assert stored_clips(plain) == []


def test_many_at_once_keep_one(store: Store) -> None:
    kept: list[bool] = []

    def keep(number: int) -> None:
        kept.append(store.put(msgspec.structs.replace(CLIP, ref=f"ref-{number}"), session_key="k"))

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False] * 7 + [True]
    assert store.count() == 1


def test_what_is_withdrawn_is_on_no_byte_of_the_disk(store: Store, disk: tuple[str, tuple[Path, ...]]) -> None:
    """Not in pages, free pages, logs or keys: no text of it, and no key that opens what is left."""
    secrets = {"transcript": b"quixotically", "audio": b"MARIMBA-MARIMBA", "note": b"zymurgically"}
    clip = msgspec.structs.replace(
        CLIP, transcript="alexa call quixotically" * 400, wav=secrets["audio"] * 3_000, ref="gone"
    )
    for number in range(20):  # so that pages split and are joined again
        other = msgspec.structs.replace(CLIP, ref=f"other-{number:02}", wav=bytes(20_000))
        store.put(other, session_key=f"other-{number}")
    store.put(clip, session_key="gone")
    store.annotate("gone", msgspec.structs.replace(SAID, transcription="zymurgically " * 300))
    desk = Assignments(store.database, Rules())
    desk.publish()
    assert Drafts(store.database).keep("ada", "gone", secrets["note"] * 100)
    keys = store.database.keys
    key = keys.get("gone")
    assert key is not None
    assert any(key in path.read_bytes() for path in everything(disk)), "the search finds what is there"
    assert store.withdraw("gone", "critical_data") == key
    left = {path: path.read_bytes() for path in everything(disk)}
    for what in (*secrets.values(), key, key[:16], key[16:]):
        assert not [path for path, data in left.items() if what in data]
    assert (store.get("gone"), store.audio("gone"), store.withdraw("gone", "critical_data")) == (None, None, None)
    assert store.annotations("gone")[0]["transcription"] == ""
    assert store.count() == 20
    assert store.audio("other-03") == bytes(20_000)


def everything(disk: tuple[str, tuple[Path, ...]]) -> list[Path]:
    return [path for folder in disk[1] for path in folder.rglob("*") if path.is_file()]


def test_a_withdrawal_can_be_undone_by_the_same_person_until_it_is_expunged(store: Store) -> None:
    store.put(CLIP, session_key="k")
    store.annotate("ref-1", SAID)
    key = store.withdraw("ref-1", "critical_data", by="ada", now=lambda: 100.0)
    assert key is not None
    assert not store.undo("ref-1", key, by="bob")
    assert not store.undo("ref-1", bytes(32), by="ada")
    assert store.undo("ref-1", key, by="ada")
    assert store.audio("ref-1") == CLIP.wav
    assert store.annotations("ref-1")[0]["transcription"] == SAID.transcription
    key = store.withdraw("ref-1", "critical_data", by="ada", now=lambda: 100.0)
    assert key is not None
    store.expunge(withdrawn_before=100.0)
    store.expunge(withdrawn_before=101.0)
    assert not store.undo("ref-1", key, by="ada")
    assert store.count() == 0


def test_expunging_asks_the_database_once_a_second_also_after_a_clock_was_set_back(store: Store) -> None:
    asked: list[str] = []
    sa.event.listen(store.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for before, times in ((100.0, 1), (100.9, 1), (101.1, 2), (50.0, 3), (50.5, 3)):
        store.expunge(before)
        assert len([each for each in asked if each.startswith("SELECT")]) == times, before


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Store(f"sqlite:///{tmp_path}/clips.db").close()
    finally:
        os.umask(before)
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {
        "clips.db": "0o600",
        "clips.db.keys": "0o600",
    }


def test_a_database_elsewhere_is_told_where_the_keys_lie() -> None:
    with pytest.raises(BadFile, match="clip_keys=FILE"):
        Store("postgresql+psycopg://u:hush@127.0.0.1:1/x")


def test_no_table_has_row_numbers(store: Store) -> None:
    if store.database.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own")
    for table in meta.sorted_tables:
        with store.database.engine.connect() as db, pytest.raises(sa.exc.OperationalError, match="rowid"):
            db.execute(sa.text(f"SELECT rowid FROM {table.name}"))  # noqa: S608 (its own table)


def test_annotations_are_kept_in_order(store: Store) -> None:
    store.put(CLIP, session_key="k")
    store.annotate("ref-1", SAID)
    store.annotate("ref-1", msgspec.structs.replace(SAID, reviewer="grace"))
    assert [said["reviewer"] for said in store.annotations("ref-1")] == ["ada", "grace"]
    assert store.annotations("ref-1")[0]["heard"] == ["child"]


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, 1),
        ({"transcription": "other words"}, 2),
        ({"intent": "music"}, 2),
        ({"effective": "no"}, 2),
        ({"heard": ()}, 2),
        ({"false_activation": not SAID.false_activation}, 2),
        ({"speakers": ((0, 5, "adult"),)}, 2),
        ({"reviewer": "grace"}, 2),
    ],
)
def test_what_a_reviewer_said_last_is_kept_once(store: Store, change: dict[str, Any], kept: int) -> None:
    store.put(CLIP, session_key="k")
    store.annotate("ref-1", SAID)
    other = msgspec.structs.replace(SAID, **change)
    store.annotate("ref-1", other)
    store.annotate("ref-1", other)
    assert len(store.annotations("ref-1")) == kept
    store.annotate("ref-1", SAID)
    assert len(store.annotations("ref-1")) == (1 if not change else 2 if "reviewer" in change else 3), "or changed back"


def test_what_somebody_else_said_meanwhile_does_not_matter(store: Store) -> None:
    store.put(CLIP, session_key="k")
    for who in ("ada", "grace", "ada", "grace"):
        store.annotate("ref-1", msgspec.structs.replace(SAID, reviewer=who))
    assert [said["reviewer"] for said in store.annotations("ref-1")] == ["ada", "grace"]


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite:////no/such/folder/clips.db",
        "postgresql+psycopg://u:hush@127.0.0.1:1/x",
        "postgresql+psycopg://u:hush@127.0.0.1:1/x?clip_keys=KEYS",
    ],
)
def test_a_store_that_does_not_open_is_one_line_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile) as raised:
        Store(url.replace("KEYS", str(tmp_path / "keys")))
    assert "hush" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_annotation_and_what_goes_with_it_are_saved_together_or_not_at_all(url: str) -> None:
    store = Store(url)
    store.put(RedactedClip(ref="ref", recorded_on="2019-04-10", trigger="button", duration_ms=9), session_key="ref")
    said = Annotation(reviewer="ada", transcription="", intent="news", effective="yes")

    def fail(db: sa.Connection) -> bool:
        db.execute(flags.insert().values(ref="ref"))
        raise LookupError("stop here")

    with pytest.raises(LookupError, match="stop here"):
        store.annotate("ref", said, fail)
    assert store.annotations("ref") == []
    assert not store.is_flagged("ref")

    def refuse(db: sa.Connection) -> bool:
        db.execute(flags.insert().values(ref="ref"))
        return False

    assert not store.annotate("ref", said, refuse)
    assert store.annotations("ref") == []
    assert not store.is_flagged("ref")
    tries: list[int] = []

    def taken_once(_db: sa.Connection) -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise sa.exc.IntegrityError("", {}, OSError())
        return True

    assert store.annotate("ref", said, taken_once)
    assert [each["number"] for each in store.annotations("ref")] == [1]
    store.close()
