"""A file that a target file names and that is not there is told before anything runs."""

from pathlib import Path

import pytest

from scenarios.model.targets.named_files import all_there
from scenarios.model.yaml_file import BadFiles

TARGET = """target: 1
kind: attached
name: mine
identities: homes.json
kept: {kind: folder, path: kept, audio: {file: wav.name}, session: call}
review: {url: "http://h/", login: {user: a, password: {file: pw.txt}}, har: seen.har}
"""


def test_each_missing_file_is_told_with_its_place(tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text(TARGET)
    (tmp_path / "homes.json").write_text("{}")
    (tmp_path / "seen.har").mkdir()
    with pytest.raises(BadFiles) as caught:
        all_there(target)
    assert [(each.key, each.place.line, each.says) for each in caught.value.faults] == [
        ("review.login.password.file", 6, "pw.txt: no such file beside this one"),
        ("review.har", 6, "seen.har: is no file"),
    ]
    (tmp_path / "pw.txt").write_text("x")
    (tmp_path / "seen.har").rmdir()
    (tmp_path / "seen.har").write_text("{}")
    all_there(target)
