"""pytest collects scenario files that are named, one test a run, marked by their tags."""

import subprocess
import sys
from pathlib import Path

import pytest

SCENARIO = "scenario: 2\nname: tiny\nabout: x\ntags: [quick-one]\nchecks: [leaks]\nmatrix: {seed: [1, 2]}\n"


def collected(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_named_files_are_tests_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "tiny.yaml").write_text(SCENARIO)
    (tmp_path / "suite" / "other.yaml").write_text("services: {}\n")
    code, said = collected(tmp_path, "suite", "-m", "quick_one", "-k", "seed-2")
    assert code == 0, said
    assert "tiny-seed-2" in said
    assert "tiny-seed-1" not in said
    assert collected(tmp_path)[0] == 5  # nothing is named: nothing runs by itself


@pytest.mark.slow
def test_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(SCENARIO + "sed: 1\n")
    code, said = collected(tmp_path, "bad.yaml")
    assert code != 0
    assert "bad.yaml:7:1: sed: unknown key; did you mean seed?" in said
    assert "Traceback" not in said
