"""Another key opens everything afterwards, the old one nothing; a rotation that was broken off is simply done again."""

from pathlib import Path

import pytest

from gateway.clip import RedactedClip
from gateway.files import BadFile
from gateway.storage.store import Store
from gateway.vault.facts import OWNER
from gateway.vault.journal import JournalFile, Tried
from gateway.vault.rotation import rotate
from gateway.vault.sealing import NotSealed, Seal, read_sealed, rewrite_plain, write_sealed

OLD, NEW = Seal(b"o" * 32), Seal(b"n" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    write_sealed(tmp_path / "vault.sealed", b"{}", OLD)
    JournalFile(tmp_path / "memory", OLD).add(Tried(clip="one", household="H01", day="2019-04-10"))
    for ref in ("one", "two"):
        clip = RedactedClip(ref=ref, recorded_on="2019-04-10", trigger="button", duration_ms=9)
        owned = {"owner": OLD.close_text(f"home of {ref}", OWNER)}
        store.put(RedactedClip(**{key: getattr(clip, key) for key in clip.__struct_fields__} | owned), session_key=ref)
    return store


def turn(folder: Path, store: Store) -> int:
    return rotate(folder / "vault.sealed", folder / "memory", store, old=OLD, new=NEW)


def test_the_new_key_opens_all_and_the_old_one_nothing(tmp_path: Path, store: Store) -> None:
    for _ in range(2):
        assert turn(tmp_path, store) == 2
        assert NEW.open_text(store.owner("one") or "", OWNER) == "home of one"
        with pytest.raises(NotSealed):
            OLD.open_text(store.owner("one") or "", OWNER)
        assert read_sealed(tmp_path / "vault.sealed", NEW) == b"{}"
        assert JournalFile(tmp_path / "memory", NEW).count == 1
        with pytest.raises(BadFile):
            JournalFile(tmp_path / "memory", OLD)
    store.close()


def test_what_opens_with_neither_key_stops_it(tmp_path: Path, store: Store) -> None:
    store.reseal_owners(lambda owner: "nobody's" if NEW.tag(owner, OWNER) else owner)
    with pytest.raises(BadFile, match="neither key"):
        turn(tmp_path, store)
    assert read_sealed(tmp_path / "vault.sealed", OLD) == b"{}"
    store.close()


def test_a_plain_file_is_rewritten_and_what_it_held_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    path.write_bytes(b"12 Elm Street" * 100)
    with path.open("rb") as before:
        rewrite_plain(path, b"{}")
        assert before.read() == bytes(1_300)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"{}", 0o600)
    with pytest.raises(BadFile):
        rewrite_plain(tmp_path / "none.json", b"{}")
