"""The clip store on SQLite and on PostgreSQL: once per session, gone when withdrawn, nothing but redacted clips."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from gateway.clip import RedactedClip
from gateway.files import BadFile
from gateway.storage.store import Annotation, Store
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


def find(name: str) -> str | None:
    """A PostgreSQL program; Debian keeps them off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A private server on a loopback port; its URL."""
    initdb, server = find("initdb"), find("postgres")
    if initdb is None or server is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no postgresql, and EARLID_REQUIRE=all")
        pytest.skip("no postgresql")
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()  # it refuses to run as root
    drop: dict[str, Any] = {"user": user} if os.geteuid() == 0 else {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="earlid-pg-", ignore_cleanup_errors=True) as folder:
        shutil.chown(folder, user)
        data = f"{folder}/data"
        made = subprocess.run([initdb, "-D", data, "-A", "trust", "-U", "earlid"], capture_output=True, cwd="/", **drop)
        assert made.returncode == 0, made.stderr.decode()
        options = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
        process = subprocess.Popen([server, *options], stderr=subprocess.DEVNULL, cwd="/", **drop)
        try:
            yield wait_for(f"postgresql+psycopg://earlid@127.0.0.1:{port}/postgres")
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str) -> str:
    engine, deadline = sa.create_engine(url), time.monotonic() + 20
    while True:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            engine.dispose()
            return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clips.db'}"
    server: str = request.getfixturevalue("postgresql")
    engine = sa.create_engine(server)
    with engine.begin() as db:
        db.execute(sa.text("DROP SCHEMA public CASCADE"))
        db.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return server


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
    assert [clip["ref"] for clip in store.queue(limit=10)] == ["ref-1"]
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
    assert sorted((clip.tag, clip.ref) for clip in stored_clips(url)) == [("t", "ref-1"), ("t", "ref-2")]
    assert store.delete(kept_before="2019-04-11") == 2
    assert stored_clips(url) == []


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


def test_the_queue_is_in_no_order_of_arrival(store: Store) -> None:
    for number, ref in enumerate(["c", "a", "b"]):
        store.put(msgspec.structs.replace(CLIP, ref=ref), session_key=str(number))
    assert [clip["ref"] for clip in store.queue(limit=2)] == ["a", "b"]
    assert [clip["ref"] for clip in store.queue(limit=2, offset=2)] == ["c"]


def test_what_is_withdrawn_is_deleted(store: Store, tmp_path: Path) -> None:
    store.put(msgspec.structs.replace(CLIP, transcript="alexa call [contact] quixotically"), session_key="k")
    store.annotate("ref-1", SAID)
    assert store.withdraw("ref-1", "critical_data")
    assert not store.withdraw("ref-1", "critical_data")
    assert (store.get("ref-1"), store.audio("ref-1"), store.count()) == (None, None, 0)
    store.close()
    for path in tmp_path.glob("clips.db*"):
        assert b"quixotically" not in path.read_bytes()


def test_annotations_are_kept_in_order(store: Store) -> None:
    store.put(CLIP, session_key="k")
    store.annotate("ref-1", SAID)
    store.annotate("ref-1", msgspec.structs.replace(SAID, reviewer="grace"))
    assert [said["reviewer"] for said in store.annotations("ref-1")] == ["ada", "grace"]
    assert store.annotations("ref-1")[0]["heard"] == ["child"]


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////no/such/folder/clips.db", "postgresql+psycopg://u:hush@127.0.0.1:1/x"]
)
def test_a_store_that_does_not_open_is_one_line_without_its_password(url: str) -> None:
    with pytest.raises(BadFile) as raised:
        Store(url)
    assert "hush" not in str(raised.value)
    assert "\n" not in str(raised.value)
