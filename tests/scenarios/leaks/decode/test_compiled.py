"""A compiled database is kept, taken again, and made anew when the file is not what it was."""

from pathlib import Path

import pytest

from scenarios.leaks.decode.compiled import compiled
from scenarios.leaks.needles.literals import hyperscan

pytestmark = pytest.mark.skipif(hyperscan is None, reason="no hyperscan here")


def hits(database: object, data: bytes) -> list[int]:
    found: list[int] = []
    database.scan(data, match_event_handler=lambda which, *_rest: found.append(which))  # type: ignore[attr-defined]
    return found


def test_it_is_kept_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = compiled(["ab+c", "xyz"], [0, 0])
    (kept,) = (tmp_path / "earlid").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    again = compiled(["ab+c", "xyz"], [0, 0])
    assert hits(first, b"abbc xyz") == hits(again, b"abbc xyz") == [0, 1]
    assert len(list(kept.parent.iterdir())) == 1


@pytest.mark.parametrize("rights", [0o777, 0o750, 0o705])
def test_a_damaged_file_or_a_shared_folder_is_not_believed(
    rights: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiled(["abc"], [0])
    (kept,) = (tmp_path / "earlid").iterdir()
    kept.write_bytes(b"no database")
    assert hits(compiled(["abc"], [0]), b"abc") == [0]
    kept.unlink()
    kept.parent.chmod(rights)
    assert hits(compiled(["abc"], [0]), b"abc") == [0]
    assert not list(kept.parent.iterdir())
