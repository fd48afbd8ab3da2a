"""What is sealed opens under its key and purpose only, and the file at rest shows nobody."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files import BadFile
from gateway.vault.sealing import NotSealed, Seal, is_sealed, read_sealed, write_sealed

SEAL = Seal(b"k" * 32)


@given(st.text(max_size=80))
def test_it_opens_again_and_never_looks_the_same(text: str) -> None:
    one, other = SEAL.close_text(text, "owner"), SEAL.close_text(text, "owner")
    assert one != other
    assert SEAL.open_text(one, "owner") == SEAL.open_text(other, "owner") == text
    for wrong in (Seal(b"q" * 32), SEAL):
        with pytest.raises(NotSealed) as error:
            wrong.open_text(one, "owner" if wrong is not SEAL else "identities")
        assert len(text) < 3 or text not in str(error.value)


@given(st.text(max_size=60))
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(NotSealed):
        SEAL.open_text(text, "owner")


def test_the_file_at_rest_holds_no_name(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    write_sealed(path, b'{"name": "Laura Reed"}', SEAL)
    assert is_sealed(path)
    assert path.stat().st_mode & 0o077 == 0
    assert b"Laura" not in path.read_bytes()
    assert read_sealed(path, SEAL) == b'{"name": "Laura Reed"}'
    with pytest.raises(BadFile, match="another key"):
        read_sealed(path, Seal(b"q" * 32))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadFile, match="damaged"):
        read_sealed(path, SEAL)
    assert list(tmp_path.iterdir()) == [path]


def test_a_tag_lasts_as_long_as_its_key() -> None:
    assert SEAL.tag("H01", "household") == Seal(b"k" * 32).tag("H01", "household")
    assert SEAL.tag("H01", "household") not in (Seal(b"q" * 32).tag("H01", "household"), SEAL.tag("H02", "household"))
