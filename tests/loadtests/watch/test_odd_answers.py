"""Answers at the edges of HTTP, by both of Locust's clients: what comes whole is searched, anything else is said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.broken.odd_answers import SOUND, UNSOUND

ODD = "tests/broken/odd_answers.py"
BOTH = """
from locust import FastHttpUser, HttpUser, constant

def look(self):
    via = "fast" if isinstance(self, FastHttpUser) else "http"
    for path in PATHS:
        method = "HEAD" if path.startswith("head") else "GET"
        try:
            self.client.request(method, "/" + path, name=f"/{via}/{path}")
        except Exception:
            pass  # of an encoding that FastHttpUser does not know; Locust counts nothing then

class Fast(FastHttpUser):
    wait_time, tasks = constant(0.1), [look]

class Slow(HttpUser):
    wait_time, tasks = constant(0.1), [look]
"""
# FastHttpUser knows too little of these to hand over more than that something came.
NOTHING_OF_FAST = {"chunks-wrong", "no-http", "foreign"}


def _look(locust: Any, host: str, tmp_path: Path, paths: Any) -> Any:
    mine = tmp_path / "mine.py"
    mine.write_text(f"PATHS = {list(paths)}\n{BOTH}")
    return locust(host, locustfile=mine, seconds=4, stop=False)


def _places(run: Any, wanted: str) -> set[str]:
    lines = [*run.of("response"), *run.of("unanswered")]
    return {line["route"] for line in lines if line.get(wanted)}


def test_what_comes_whole_is_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    run = _look(locust, start(ODD, identities), tmp_path, SOUND)
    assert run.code == 1, run.output
    assert _places(run, "findings") == {f"/{via}/{path}" for via in ("fast", "http") for path in SOUND}
    assert "not searched" not in run.output


def test_without_names_in_them_they_pass(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    run = _look(locust, start(ODD, identities, "--clean"), tmp_path, set(SOUND) - {"error"})
    assert "not searched" not in run.output
    assert "findings 0" in run.output
    # Locust counts a failure for what FastHttpUser cannot unpack, though nothing was there to be unpacked.
    assert run.code == 1, run.output


@pytest.mark.parametrize("leaks", [True, False])
def test_what_does_not_is_said(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path, leaks: bool
) -> None:
    run = _look(locust, start(ODD, identities, *([] if leaks else ["--clean"])), tmp_path, UNSOUND)
    assert run.code == (1 if leaks else 3), run.output
    for via in ("fast", "http"):
        assert {f"/{via}/{path}" for path in UNSOUND} <= {
            line.partition("GET ")[2].partition(":")[0] for line in run.output.splitlines() if "not searched:" in line
        }, run.output
    found = {f"/fast/{path}" for path in UNSOUND.keys() - NOTHING_OF_FAST} if leaks else set()
    assert _places(run, "findings") == found
