"""A gateway that stands still in the middle of a run: the report says so, and nobody else is blamed."""

import re
import secrets
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from simulator.world.truth import LONG_SILENCE_S
from tests.end_to_end.runs import earlid, end_left_over, finished, left_over, report

SCENARIO = """
scenario: 1
name: frozen
about: The gateway stands still for a while.
contract: strict
seed: 5
fleet: {households: 2, utterances_per_device: 3}
WIREload: {reviewers: 1, spawn_rate: 1, max_seconds: 120}
checks: [conservation]
"""
FROZEN_S = LONG_SILENCE_S + 4


def gateway_of(tag: str, run: Any) -> Any:
    """The gateway of the run with this mark, once the fleet is about to speak: the review tool starts after it."""
    until = time.monotonic() + 120
    while time.monotonic() < until and run.poll() is None:
        marked = [process for process in psutil.process_iter() if _mark(process) == tag]
        kinds = {kind: each for each in marked for kind in ("gateway", "review") if _kind(each) == kind}
        if len(kinds) == 2:
            return kinds["gateway"]
        time.sleep(0.1)
    raise AssertionError("no gateway was seen")


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("EARLID_TEST_RUN")
    except psutil.Error:
        return None


def _kind(process: psutil.Process) -> str:
    try:
        command = process.cmdline()
    except psutil.Error:
        return ""
    at = command.index("gateway") if "gateway" in command else len(command)
    return command[at + 1] if at + 1 < len(command) else ""


@pytest.mark.slow
@pytest.mark.parametrize("wire", ["", "wire: {pace: 60}\n"])
def test_a_gateway_that_stands_still_is_named(tmp_path: Path, wire: str) -> None:
    (tmp_path / "frozen.yaml").write_text(SCENARIO.replace("WIRE", wire))
    tag = f"frozen-{secrets.token_hex(4)}"
    run = earlid("run", tmp_path / "frozen.yaml", "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag})
    try:
        gateway = gateway_of(tag, run)
        gateway.send_signal(signal.SIGSTOP)
        time.sleep(FROZEN_S)
        gateway.send_signal(signal.SIGCONT)
        code, out, err = finished(run)
    finally:
        end_left_over(tag)
    assert left_over(tag) == []
    found = report(tmp_path / "out", "frozen")
    (said,) = [each["why"] for each in found["checks"] if each["name"] == "conservation"]
    silence = re.search(r"the gateway was waited for and said nothing for (\d+) s", said)
    assert silence is not None, said + out + err
    assert LONG_SILENCE_S <= int(silence[1]) <= FROZEN_S + 30
    assert "fleet" not in said
    assert code in (0, 3), out + err
