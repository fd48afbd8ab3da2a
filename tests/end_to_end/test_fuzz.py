"""`earlid fuzz` as a person runs it: a stranger's system with one fault, the same one mended, the reference, Ctrl-C."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
import yaml

from tests.end_to_end.own_systems import target_in

EARLID = Path(sys.executable).parent / "earlid"
pytestmark = pytest.mark.slow


def fuzz(folder: Path, *options: object) -> subprocess.CompletedProcess[str]:
    command = [str(EARLID), "fuzz", "--out", str(folder / "out"), *map(str, options)]
    env = {**os.environ, "REVIEW_PASSWORD": "not-in-any-report-5120"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=900)


def lines(said: str) -> Sequence[str]:
    return [line for line in said.splitlines() if line.startswith("fuzz: ")]


def test_a_fault_is_found_made_small_and_its_printed_line_fails_the_same_way(tmp_path: Path) -> None:
    target = target_in(tmp_path, "ignores_the_switch")
    done = fuzz(tmp_path, "--target", target, "--minutes", 1, "--check", "should_not_exist")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "it fails the same way" in done.stdout
    found = yaml.safe_load((tmp_path / "out" / "found.yaml").read_text())
    count = re.search(r"utterances (\d+)$", done.stdout, re.MULTILINE)
    assert count is not None
    assert int(count[1]) <= 3, found
    (line,) = [each.removeprefix("fuzz: ") for each in lines(done.stdout) if each.startswith("fuzz: earlid run")]
    again = subprocess.run(
        [str(EARLID), *shlex.split(line)[1:]],
        cwd=tmp_path,
        env={**os.environ, "REVIEW_PASSWORD": "not-in-any-report-5120"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert again.returncode == 1, again.stdout + again.stderr
    assert "fail    should_not_exist" in again.stdout


def test_the_mended_one_holds(tmp_path: Path) -> None:
    target = target_in(tmp_path, "mended")
    # Without receipts nobody can tell a lost request from one that was not heard: conservation may stay open there.
    checks = ("--check", "leaks", "--check", "should_not_exist")
    holds(tmp_path, fuzz(tmp_path, "--target", target, "--minutes", 2, "--most", 3, *checks))


def test_the_reference_holds(tmp_path: Path) -> None:
    holds(tmp_path, fuzz(tmp_path, "--minutes", 2, "--most", 5))


def holds(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    """A busy machine comes to few scenarios: nothing may have been examined that must not exist (3)."""
    assert done.returncode in (0, 3), done.stdout + done.stderr
    assert "none failed" in done.stdout
    assert "leaks held in" in done.stdout
    assert not (folder / "out" / "found.yaml").exists()


def test_a_leaking_contract_is_found_behind_the_pipe_and_end_to_end(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--contract", "amazon-2019-before", "--minutes", 0.5, "--check", "leaks")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "breaks leaks" in done.stdout
    assert "it fails the same way" in done.stdout


def test_ctrl_c_leaves_no_process_and_no_half_file(tmp_path: Path) -> None:
    command = [str(EARLID), "fuzz", "--out", str(tmp_path / "out"), "--minutes", "9"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first scenario was tried
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        said, wrong = process.communicate(timeout=60)
    assert process.returncode == 130, wrong
    assert "none failed" in said
    assert "Traceback" not in wrong
    assert children
    assert psutil.wait_procs(children, timeout=20)[1] == []
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--check", "gating"], "--check gating: allowed: conservation, leaks, should_not_exist"),
        (["--contract", "strikt"], "strikt: no such preset; did you mean strict?"),
        (["--target", "none.yaml"], "none.yaml"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(tmp_path: Path, options: list[str], says: str) -> None:
    done = fuzz(tmp_path, *options)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
