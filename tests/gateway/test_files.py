"""Errors of files people write: file, key, what is allowed; never the value."""

from pathlib import Path

import pytest

from gateway.files import BadFile, read_yaml, write_private


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"gone\.yaml: No such file"):
        read_yaml(tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("text", "why"),
    [("a: [1", "line"), ("a: 1\na: 2\n", "the key a stands twice"), ("a: !!python/object:os.system x", "line")],
)
def test_bad_yaml_is_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(BadFile, match=why) as raised:
        read_yaml(path)
    assert "\n" not in str(raised.value)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(BadFile, match="not UTF-8"):
        read_yaml(path)


def test_a_private_file_is_0600_even_where_it_was_not_before(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]
