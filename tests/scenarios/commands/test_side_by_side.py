"""Runs side by side: what is refused, and what a baseline takes out."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.commands.side_by_side import Asked, alone_in, side_by_side
from scenarios.model.suite_files import prepare_file
from scenarios.model.targets.target_file import Own, load_target_file
from scenarios.own_system.own_run import OwnTarget
from scenarios.run.scenario_run import Options

TEXT = "scenario: 2\nname: mine\nabout: x\nchecks: [leaks]\nfleet: {households: 1}\n"
ATTACHED = """\
target: 1
name: theirs
kind: attached
broker: {url: "mqtt://127.0.0.1:1"}
kept: {kind: sql, url: "sqlite:///clips.db", query: SELECT tag FROM joins, session: tag}
"""


def test_a_system_of_ones_own_takes_one_run_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TEXT)
    (tmp_path / "target.yaml").write_text(ATTACHED)
    target = load_target_file(tmp_path / "target.yaml")
    assert isinstance(target, Own)
    (run,) = prepare_file(tmp_path / "mine.yaml")
    own = OwnTarget(target=target, beside=tmp_path)
    with pytest.raises(BadFile, match="--jobs: mine is against your own system"):
        side_by_side([Asked(prepared=run, out=tmp_path, options=Options(), own=own)], 2, print, print)


def test_no_run_gives_no_result() -> None:
    assert side_by_side([], 2, print, print) == []


def test_two_runs_never_write_into_one_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path / "out" / "mine"):
        with pytest.raises(BadFile, match="mine: another run writes there"), alone_in(tmp_path / "out" / "mine"):
            pass
        with alone_in(tmp_path / "out" / "other"):
            pass
    with alone_in(tmp_path / "out" / "mine"):
        assert list((tmp_path / "out" / "mine").iterdir()) == []
