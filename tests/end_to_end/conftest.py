"""Fixtures of the end-to-end tests: a small scenario, the brokers, and the mark that finds what a run left behind."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scenarios.run.broker import find_mosquitto
from tests.end_to_end.runs import left_over

SCENARIO = """\
scenario: 1
name: {name}
about: A small run for the tests.
contract: {contract}
seed: 11
fleet: {{households: 2, utterances_per_device: 4}}
load: {{reviewers: 2, spawn_rate: 4, max_seconds: 120, p95_ms: 5000}}
gating: {{max_false_reject_share: 0.5, max_false_accept_share: 1.0}}
checks: [leaks, positive_control, coverage, sampling, conservation, should_not_exist, gating, spoken_secrets, linkage,
  anonymity, at_rest, load]
{expect}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario file."""

    def write(contract: str = "strict", expect: str = "") -> Path:
        path = tmp_path / f"{contract}.yaml"
        path.write_text(SCENARIO.format(name=contract, contract=contract, expect=expect))
        return path

    return write


@pytest.fixture(scope="session")
def mosquitto() -> str:
    """The binary, or a skip; a failure where everything is required."""
    found = find_mosquitto()
    if found is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no mosquitto binary, and EARLID_REQUIRE=all")
        pytest.skip("no mosquitto binary")
    return found


@pytest.fixture
def tag(tmp_path: Path) -> Iterator[str]:
    """A mark every process of the test's runs inherits; none may be left when the test is over."""
    mark = str(tmp_path)
    yield mark
    nothing_left(mark)


def nothing_left(mark: str) -> None:
    """No process is left that carries the mark. What died with its parent may still be at it for a moment."""
    deadline = time.monotonic() + 5
    while left_over(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_over(mark) == []
