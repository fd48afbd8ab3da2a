"""What `earlid new` writes is read back without a fault, whatever it is asked for."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.commands.new import KINDS, TARGETS, Answers, write_new
from scenarios.model.suite_files import prepare_file
from scenarios.model.targets.target_file import Own, load_target_file


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in TARGETS])
def test_a_scenario_of_each_kind_is_read_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    write_new(path, Answers(name="mine", kind=kind))
    (run,) = prepare_file(path)
    assert run.name == "mine"


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_of_each_kind_is_read_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    write_new(path, Answers(name="mine", kind=kind))
    target = load_target_file(path)
    assert isinstance(target, Own)
    assert (target.kind, target.name, target.join) == (kind, "mine", "exact")


@pytest.mark.parametrize("kind", TARGETS)
def test_every_comment_of_a_target_is_a_key_that_may_be_taken(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    write_new(path, Answers(name="mine", kind=kind))
    kept = path.read_text().splitlines()
    for key in ("review: ", "files: ", "wire: ", "may: "):
        taken = [line.removeprefix("# ") if line.startswith(f"# {key}") else line for line in kept]
        path.write_text("\n".join(taken) + "\n")
        assert isinstance(load_target_file(path), Own)


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    with pytest.raises(BadFile, match="is there already"):
        write_new(path, Answers(name="mine", kind="command"))
    with pytest.raises(BadFile, match="allowed: privacy, incident, delivery, gating, command, attached"):
        write_new(tmp_path / "other.yaml", Answers(name="mine", kind="own"))
