"""Databases as earlier versions made them (`old/`, by their own code) become this one's, on SQLite and PostgreSQL."""

import json
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway.files import BadFile
from gateway.storage.clip_keys import ClipKeys, sealed
from gateway.storage.people_tables import meta
from gateway.storage.store import Store
from gateway.storage.upgrade import numbers

OLD = Path(__file__).parent / "old"
SECRET = "alexa call sesquipedalian"
CLIP = {"ref": "ref-1", "recorded_on": "2019-04-10", "trigger": "button", "duration_ms": 9, "kept_on": "2019-04-10"}
SAID = {"ref": "ref-1", "reviewer": "ada", "intent": "call", "effective": "yes", "annotated_at": "2019-04-10"}


def old_store(url: str, number: str) -> str:
    """A database of an earlier schema without a number, with nothing in it."""
    engine = sa.create_engine(sa.make_url(url).difference_update_query(["clip_keys"]))
    text = (OLD / f"{number}.sql").read_text()
    if engine.dialect.name == "postgresql":
        text = text.replace(" WITHOUT ROWID", "").replace("BLOB", "BYTEA")
        text = text.replace("id INTEGER NOT NULL", "id SERIAL NOT NULL")
    with engine.begin() as db:
        for statement in text.split(";"):
            if statement.strip():
                db.exec_driver_sql(statement)
    engine.dispose()
    return url


def fill(url: str, table: str, **row: object) -> None:
    engine = sa.create_engine(sa.make_url(url).difference_update_query(["clip_keys"]))
    known = sa.Table(table, sa.MetaData(), autoload_with=engine)
    with engine.begin() as db:
        db.execute(known.insert().values(**row))
    engine.dispose()


def differences(store: Store) -> list[object]:
    """What the tables in the database and those in the code do not share."""
    with store.database.engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        return list(compare_metadata(context, meta))


@pytest.mark.parametrize("number", ["0001", "0002", "0003", "0004", "0005", "0006", "new"])
def test_every_older_store_gets_the_tables_of_this_version(url: str, number: str) -> None:
    store = Store(url if number == "new" else old_store(url, number))
    assert differences(store) == []
    there = sa.inspect(store.database.engine)
    assert set(there.get_table_names()) == {*meta.tables, "alembic_version"}
    with store.database.engine.connect() as db:
        assert db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == numbers()[-1]
    store.close()
    Store(url).close()  # a second time nothing is left to do


def test_an_upgraded_sqlite_store_has_the_very_tables_of_a_new_one(tmp_path: Path) -> None:
    shapes = []
    for number in ("0001", "0003", "0006", "new"):
        url = f"sqlite:///{tmp_path / number}.db"
        store = Store(url if number == "new" else old_store(url, number))
        with store.database.engine.connect() as db:
            rows = db.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"))
            shapes.append({name: sorted((sql or "").replace('"', "").split()) for name, sql in rows})
        store.close()
    assert all(shape == shapes[0] for shape in shapes)


def test_what_the_first_version_kept_is_there_sealed_and_in_the_clear_no_more(
    url: str, disk: tuple[str, tuple[Path, ...]], tmp_path: Path
) -> None:
    old_store(url, "0001")
    fill(url, "clips", **CLIP, transcript=SECRET, wav=b"RIFF sound", peaks=[1, 2])
    fill(url, "clips", **CLIP | {"ref": "ref-2"}, withdrawn="critical_data", peaks=[])
    fill(url, "owners", ref="ref-1", owner="sealed-owner")
    fill(url, "kept_sessions", key="session-1")
    fill(url, "joins", ref="ref-1", tag="tag-1", spans_digest="digest")
    for text in ("first sesquipedalian", "then"):
        fill(url, "annotations", **SAID, transcription=text, heard=["child"])
    store = Store(url)
    found = store.get("ref-1")
    assert found is not None
    assert (found["transcript"], found["peaks"], store.audio("ref-1")) == (SECRET, [1, 2], b"RIFF sound")
    assert [each["transcription"] for each in store.annotations("ref-1")] == ["first sesquipedalian", "then"]
    assert [each["heard"] for each in store.annotations("ref-1")] == [["child"], ["child"]]
    assert (store.owner("ref-1"), store.has_session("session-1")) == ("sealed-owner", True)
    assert (store.refs(), store.get("ref-2")) == (["ref-1"], None)
    store.close()
    if url.startswith("sqlite"):  # PostgreSQL's own log keeps what it wrote until it is recycled: see the docs
        for path in tmp_path.iterdir():
            assert b"sesquipedalian" not in path.read_bytes(), path.name


def test_a_sealed_store_keeps_its_clips(url: str, tmp_path: Path) -> None:
    old_store(url, "0002")
    keys = tmp_path / ("clips.db.keys" if url.startswith("sqlite") else "keys")
    clip_keys = ClipKeys(keys)
    key = clip_keys.make("ref-1")
    clip_keys.close()
    words = sealed(key, json.dumps({"transcript": SECRET, "peaks": []}).encode(), "words")
    fill(url, "clips", **CLIP, words=words, published=True)
    store = Store(url)
    assert store.get("ref-1")["transcript"] == SECRET
    store.close()


def test_a_newer_store_is_refused_and_left_as_it_is(url: str) -> None:
    Store(url).close()
    engine = sa.create_engine(sa.make_url(url).difference_update_query(["clip_keys"]))
    with engine.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        db.execute(sa.text("DROP TABLE flags"))
    with pytest.raises(BadFile, match="a newer version of Earlid made it \\(schema 9999\\)") as refused:
        Store(url)
    assert "\n" not in str(refused.value)
    assert not sa.inspect(engine).has_table("flags")
    engine.dispose()


def test_tables_of_somebody_else_are_refused(url: str) -> None:
    engine = sa.create_engine(sa.make_url(url).difference_update_query(["clip_keys"]))
    with engine.begin() as db:
        db.execute(sa.text("CREATE TABLE clips (id INTEGER PRIMARY KEY, title VARCHAR(20))"))
    with pytest.raises(BadFile, match="its tables of clips are no version of Earlid's"):
        Store(url)
    assert sa.inspect(engine).get_table_names() == ["clips"]
    engine.dispose()


def test_a_step_that_fails_leaves_the_old_store(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old_store(url, "0001")
    fill(url, "clips", **CLIP, transcript=SECRET, wav=None, peaks=[])
    with monkeypatch.context() as broken:
        broken.setattr("gateway.storage.database.sealed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Store(url)
    store = Store(url)
    assert store.get("ref-1")["transcript"] == SECRET
    store.close()


@pytest.mark.parametrize("number", ["0001", "new"])
def test_several_processes_may_open_one_store_at_once(url: str, number: str) -> None:
    if number != "new":
        old_store(url, number)
        fill(url, "clips", **CLIP, transcript=SECRET, wav=None, peaks=[])
    faults: list[Exception] = []

    def start() -> None:
        try:
            Store(url).close()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []
