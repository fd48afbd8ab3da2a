"""Programs that tests hold beside Earlid, each in a virtual environment of its own made from its own lock."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def environment(lock: Path, what: str) -> Path:
    """The environment's folder of programs; made once a lock, kept in out/. Skips where `what` cannot be installed."""
    folder = Path("out", "environments", hashlib.sha256(lock.read_bytes()).hexdigest()[:12])
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        python = folder / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
        for command in ([sys.executable, "-m", "venv", folder], [*install, "-r", lock]):
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900, check=False)
            if done.returncode:
                pytest.skip(f"{what} cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "complete").touch()
    return (folder / "bin").absolute()
