"""A microphone switched off while the gateway is away is off when it is back: over a real broker, with real kills."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.wire import Mute, encode_json
from scenarios.run.processes import Processes
from tests.end_to_end.gateways import Fleet, Said, System, noise, rules

HOMES = {"retains": True, "says": True, "on-again": True, "never": True}


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    gate = {"admit": ["wake_word", "button"], "refractory_ms": 0}
    contract = rules("amazon-2019-before", gate=gate, redact={"transcript": {"deadline_ms": 0}})
    with Processes(tmp_path / "logs") as processes:
        made = System(processes, tmp_path, contract=contract, homes=HOMES, devices=dict.fromkeys(HOMES, ""))
        made.start_gateway()
        yield made


def test_b01_off_said_while_the_gateway_was_away(system: System) -> None:
    """Retained by its device or not; and an on that was said after it is heard as well."""
    os.kill(system.processes.pid("gateway"), signal.SIGKILL)
    system.processes.stop("gateway")
    fleet = Fleet(system.link("fleet"))
    off, on = (encode_json(Mute(muted=muted, at_ms=at)) for muted, at in ((True, 5), (False, 6)))
    fleet.link.send(fleet.topics.device("retains", "mute"), off)
    for site, payloads in (("says", [off]), ("on-again", [off, on])):
        for payload in payloads:
            fleet.link._client.publish(fleet.topics.device(site, "mute"), payload, qos=1).wait_for_publish(5)
    system.start_gateway()
    rng = np.random.default_rng(3)
    for number, site in enumerate(HOMES):
        fleet.send(Said(session=site, site=site, keep=False, pcm=noise(rng, loud=True, frames=10)), number)
    fleet.settle(lambda: all(fleet.answered(site) for site in HOMES))
    fleet.link.close()
    assert fleet.outcomes == {"retains": "dropped", "says": "dropped", "on-again": "kept", "never": "kept"}
    assert {receipt.reason for _, receipt in fleet.receipts if receipt.outcome == "dropped"} == {"muted"}
