"""Custody makes no store by a typo."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [["sweep"], ["export", "out"]])
def test_a_store_that_is_not_there_is_an_error_and_stays_away(command: list[str], tmp_path: Path) -> None:
    store = tmp_path / "clisp.db"
    line = [sys.executable, "-m", "gateway", "custody", *command, "--store", f"sqlite:///{store}"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no clip store there" in done.stderr
    assert "Traceback" not in done.stderr
    assert not store.exists()
