"""`earlid target probe`, and `earlid check` of a target: what is possible, what is to be added, no more."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.files import BadFile
from scenarios.cli import app
from scenarios.commands.probe import is_target, probe, told
from scenarios.run.target import load_target
from scenarios.verdict import Outcome

HEAD = "target: 1\nkind: attached\nname: mine\n"


def lines(folder: Path, rest: str) -> tuple[Outcome, str]:
    path = folder / "target.yaml"
    path.write_text(HEAD + rest)
    outcome, said = probe(path)
    return outcome, "\n".join(said)


def test_what_records_do_not_have_makes_a_check_impossible(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "1.json").write_text(json.dumps({"call": 5}))
    _, said = lines(tmp_path, "kept: {kind: folder, path: kept, session: call}\n")
    assert "1 of 1 records have it" in said
    assert "conservation      possible" in said
    assert "spoken_secrets    not possible: say in `kept.audio`" in said
    _, said = lines(tmp_path, "kept: {kind: folder, path: kept, session: elsewhere}\n")
    assert "0 of 1 records have it" in said
    assert "conservation      not possible" in said


def test_nothing_to_read_back_says_what_to_add(tmp_path: Path) -> None:
    _, said = lines(tmp_path, "kept: {kind: none}\njoin: count\n")
    assert "leaks             not possible: say in `kept` where" in said


def test_a_target_that_does_not_answer_is_unknown(tmp_path: Path) -> None:
    outcome, said = lines(tmp_path, "kept: {kind: http, list: http://127.0.0.1:9/x, session: call}\n")
    assert outcome is Outcome.UNKNOWN
    assert "does not answer" in said


def test_check_reads_a_target_file_without_asking_it(tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(HEAD + "kept: {kind: http, list: http://127.0.0.1:9/x, session: call}\n")
    assert is_target(path)
    assert "joined by exact" in told(path)
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 0
    path.write_text(HEAD + "kept: {kind: http, lst: http://127.0.0.1:9/x}\n")
    with pytest.raises(BadFile, match=r"target.yaml:4.*did you mean list"):
        told(path)


def test_run_does_not_drive_an_attached_target_and_says_what_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(HEAD + "kept: {kind: none}\njoin: count\n")
    with pytest.raises(BadFile, match="earlid judge"):
        load_target(path)
