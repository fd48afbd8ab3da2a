"""Errors of files people write: file, key, what is allowed; never the value."""

import errno
import json
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gateway.files import BadFile, read_yaml, reason_of, write_private, write_whole


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


def raised(act: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (whatever it is)
        act()
    return caught.value


def read_only() -> None:
    """As `Path.mkdir(parents=True)` fails on a read-only disk: first the folder's parent was not there."""
    try:
        raise FileNotFoundError(2, "No such file or directory", "out/run")
    except FileNotFoundError:
        raise OSError(30, "Read-only file system", "out")  # noqa: B904


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (read_only, "read-only file system"),
        (lambda: json.loads("x-secret"), "not JSON"),
        (lambda: b"\xff-secret".decode(), "not UTF-8 text"),
        (lambda: httpx.get("http://127.0.0.1:1/secret", trust_env=False), "connection refused"),
        (lambda: httpx.get("http://nobody.invalid/secret", trust_env=False), "there is no such host"),
        (lambda: socket.create_connection(("127.0.0.1", 1)), "connection refused"),
        (lambda: Path("/proc/1/secret/x").write_text(""), "no such file or directory"),
        (lambda: {"a": 1}["secret"], "something is missing in it"),
        (lambda: 1 / 0, "it failed in a way nobody foresaw"),
    ],
)
def test_why_something_failed_is_told_without_classes_and_without_what_it_held(
    act: Callable[[], object], says: str
) -> None:
    assert reason_of(raised(act)) == says


def test_half_a_file_is_not_left_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    write_whole(path, b"all of it")
    assert path.read_bytes() == b"all of it"

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")  # as Linux says it, without a name

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as told:
        write_whole(path, b"all of it")
    assert told.value.filename == str(path)
    assert not path.exists()


def test_what_is_no_file_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", b"x")
    assert (tmp_path / "folder").is_dir()
