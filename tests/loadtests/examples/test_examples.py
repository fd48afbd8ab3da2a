"""The examples run as their first lines say: they find what leaks, and are content with what does not."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SERVER = "tests/broken/leaky_server.py"


@pytest.fixture
def run(identities: Path) -> Any:
    def example(*arguments: Any, **environment: Any) -> Any:
        command = [sys.executable, *map(str, arguments)]
        told = {**os.environ, "PYTEST_ADDOPTS": "", **environment}
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=100)
        return done.returncode, done.stdout + done.stderr

    return example


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--clean",), 0)])
def test_search_a_response(
    start: Callable[..., str],
    run: Callable[..., tuple[int, str]],
    identities: Path,
    options: tuple[str, ...],
    code: int,
) -> None:
    url = start(SERVER, identities, *options)
    told = run("loadtests/examples/search_a_response.py", identities, f"{url}/clips/1")
    assert told == (code, "members.name of H00 in response_body: " + told[1].partition(": ")[2] if code else "")


@pytest.mark.slow
def test_pages(start: Callable[..., str], run: Callable[..., tuple[int, str]], identities: Path) -> None:
    url = start(SERVER, identities)
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "loadtests/examples/test_pages.py")
    code, told = run(*command, "--earlid-identities", identities, REVIEW_URL=url)
    assert code == 1
    assert "6 failed, 1 passed" in told


def test_watch_an_app(run: Callable[..., tuple[int, str]], identities: Path) -> None:
    code, told = run("loadtests/examples/watch_an_app.py", identities)
    assert (code, told.splitlines()[:2]) == (1, ["GET /: nothing", "GET /export: members.name"])
    assert "looked for: 5 contacts.name" in told
    assert "left out" in told
