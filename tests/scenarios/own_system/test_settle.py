"""Clips that were there before the fleet spoke are told from those that it caused."""

import json
from pathlib import Path

from scenarios.kept.read.clip import Read
from scenarios.kept.read.readers import read_kept
from scenarios.model.targets.target_file import Attached, load_target_file
from scenarios.own_system.settle import kept_already, without

TARGET = """
target: 1
kind: attached
name: mine
kept: {kind: folder, path: kept, records: "*.json", session: call}
join: exact
"""


def target(folder: Path) -> Attached:
    (folder / "target.yaml").write_text(TARGET)
    (folder / "kept").mkdir()
    found = load_target_file(folder / "target.yaml")
    assert isinstance(found, Attached)
    return found


def keep(folder: Path, name: str, **record: object) -> None:
    (folder / "kept" / f"{name}.json").write_text(json.dumps(record))


def test_new_and_changed_clips_are_judged_and_older_ones_counted(tmp_path: Path) -> None:
    mine = target(tmp_path)
    keep(tmp_path, "a", call="one")
    keep(tmp_path, "b", call="two", words="said")
    already = kept_already(mine, tmp_path)
    keep(tmp_path, "b", call="two", words="changed")
    keep(tmp_path, "c", call="three")
    read, older = without(read_kept(mine, tmp_path), already)
    assert ([clip.session for clip in read.clips], older) == (["two", "three"], 1)


def test_a_system_without_a_folder_yet_has_kept_nothing(tmp_path: Path) -> None:
    mine = target(tmp_path)
    (tmp_path / "kept").rmdir()
    assert kept_already(mine, tmp_path) == frozenset()


def test_nothing_is_older_where_nothing_could_be_read_before(tmp_path: Path) -> None:
    assert without(Read(clips=()), kept_already(target(tmp_path), tmp_path)) == (Read(clips=()), 0)
