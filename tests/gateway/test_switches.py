"""A microphone switched off stays off, whatever happens to the gateway."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from gateway.switches import Switches


def test_a_switch_outlives_its_gateway_and_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "off"
    first = Switches(path, b"key")
    first.set("kitchen", True)
    first.set("bedroom", True)
    first.set("bedroom", False)
    again = Switches(path, b"key")
    assert (again.muted("kitchen"), again.muted("bedroom"), again.muted("hall")) == (True, False, False)
    assert "kitchen" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    again.set("kitchen", False)
    assert path.read_text() == ""
    assert [each.name for each in tmp_path.iterdir()] == ["off"]


def test_without_a_file_it_is_remembered_as_long_as_it_lives() -> None:
    switches = Switches()
    switches.set("kitchen", True)
    assert switches.muted("kitchen")


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "off"
    path.write_bytes(content)
    with pytest.raises(BadFile, match="off: "):
        Switches(path, b"key")
