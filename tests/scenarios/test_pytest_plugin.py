"""The fixtures in somebody else's test run: a leak fails, a clean page passes, a search that never was fails."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household

HOME = control_household(3)
TESTS = f"""
import gzip

def test_clean(no_leaks):
    no_leaks("nobody here")

def test_leak(no_leaks):
    no_leaks("for {HOME.members[0].name}", name="export")

def test_not_to_the_end(no_leaks):
    no_leaks(gzip.compress(bytes(20_000_000)))

def test_forgot(no_leaks):
    pass

def test_detector(leak_detector):
    assert leak_detector.scan("{HOME.devices[0].serial}")
"""


def run(folder: Any, *options: Any) -> Any:
    (folder / "test_mine.py").write_text(TESTS)
    (folder / "ids.json").write_bytes(Identities(schema=1, households=(HOME,)).to_json())
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run(tmp_path_factory.mktemp("theirs"), "--earlid-identities", "ids.json")


def test_clean_pages_pass_and_leaks_fail(told: Any) -> None:
    assert "PASSED test_mine.py::test_clean" in told
    assert "PASSED test_mine.py::test_detector" in told
    assert "FAILED test_mine.py::test_leak" in told
    assert re.search(r"members\.name of home-\w+ in text export \(exact\)", told)
    assert "CONTROL" not in told  # no label of the user's file
    assert "earlid looked for: " in told


def test_a_failure_never_shows_the_value(told: Any) -> None:
    assert HOME.members[0].name not in told


def test_what_was_not_searched_fails(told: Any) -> None:
    assert "FAILED test_mine.py::test_not_to_the_end" in told
    assert "ERROR test_mine.py::test_forgot" in told


@pytest.mark.slow
def test_the_file_may_stand_in_the_ini(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nearlid_identities = ids.json\n")
    assert "PASSED test_mine.py::test_clean" in run(tmp_path, "-k", "test_clean")


@pytest.mark.slow
def test_without_identities_it_fails_with_one_line(tmp_path: Path) -> None:
    told = run(tmp_path, "-k", "test_clean")
    assert "ERROR test_mine.py::test_clean" in told
    assert "--earlid-identities FILE: wanted" in told
