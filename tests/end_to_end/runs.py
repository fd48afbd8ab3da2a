"""Runs of the command line, as a user makes them."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("simulator", "gateway", "scenarios", "loadtests")


def earlid(*arguments: object, root: Path = ROOT, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start `earlid ARGUMENTS` from a checkout at `root`; a group of its own, marked by its environment."""
    return subprocess.Popen(
        [sys.executable, "-c", "from scenarios.cli import main; main()", *map(str, arguments)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(process: "subprocess.Popen[str]", timeout_s: float = 240) -> tuple[int, str, str]:
    """Exit code, stdout, stderr. A process that takes longer is ended, as it would leave others behind."""
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"not finished within {timeout_s:g} s\n{out}{err}") from None
    return process.returncode, out, err


def report(out: Path, name: str = "strict") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / name / "report.json").read_text())
    return found


def left_over(tag: str) -> list[str]:
    """Processes that still carry the run's mark in their environment."""
    return [name for _, name in _marked(tag)]


def end_left_over(tag: str) -> None:
    for process, _ in _marked(tag):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _marked(tag: str) -> list[tuple[psutil.Process, str]]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("EARLID_TEST_RUN") == tag and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process, " ".join(process.cmdline())[:120]))
        except psutil.Error:
            continue
    return found
