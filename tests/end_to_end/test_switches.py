"""A microphone switched off while the gateway is away is off when it is back: over a real broker, with real kills."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.wire import Mute, encode_json
from scenarios.run.processes import Processes
from scenarios.run.target import mqtt_env, with_user
from tests.end_to_end.gateways import Fleet, Said, System, noise, rules

HOMES = {"retains": True, "says": True, "unacknowledged": True, "on-again": True, "never": True}


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    gate = {"admit": ["wake_word", "button"], "refractory_ms": 0}
    contract = rules("amazon-2019-before", gate=gate, redact={"transcript": {"deadline_ms": 0}})
    with Processes(tmp_path / "logs") as processes:
        made = System(processes, tmp_path, contract=contract, homes=HOMES, devices=dict.fromkeys(HOMES, ""))
        made.start_gateway()
        yield made


def test_b01_off_said_while_the_gateway_was_away(system: System) -> None:
    """Retained by its device or not, acknowledged or not; and an on that was said after it is heard as well."""
    os.kill(system.processes.pid("gateway"), signal.SIGKILL)
    system.processes.stop("gateway")
    fleet = Fleet(system.link("fleet"))
    off, on = (encode_json(Mute(muted=muted, at_ms=at)) for muted, at in ((True, 5), (False, 6)))
    fleet.link.send(fleet.topics.device("retains", "mute"), off)
    for site, payloads, qos in (("says", [off], 1), ("unacknowledged", [off], 0), ("on-again", [off, on], 1)):
        for payload in payloads:
            fleet.link._client.publish(fleet.topics.device(site, "mute"), payload, qos=qos).wait_for_publish(5)
    system.start_gateway()
    rng = np.random.default_rng(3)
    for number, site in enumerate(HOMES):
        fleet.send(Said(session=site, site=site, keep=False, pcm=noise(rng, loud=True, frames=10)), number)
    fleet.settle(lambda: all(fleet.answered(site) for site in HOMES))
    fleet.link.close()
    off_now = dict.fromkeys(("retains", "says", "unacknowledged"), "dropped")
    assert fleet.outcomes == {**off_now, "on-again": "kept", "never": "kept"}
    assert {receipt.reason for _, receipt in fleet.receipts if receipt.outcome == "dropped"} == {"muted"}


def test_an_operator_asks_why_nothing_happens_and_nobody_else_may(system: System) -> None:
    fleet = Fleet(system.link("fleet"))
    fleet.send(
        Said(session="s", site="never", keep=False, pcm=noise(np.random.default_rng(3), loud=False, frames=5)), 1
    )
    fleet.settle(lambda: fleet.answered("s"))
    fleet.link.close()
    for user, told in (("operator", 0), ("never", 2), ("fleet", 2), ("assistant", 2)):
        asked = subprocess.run(
            system.command("status", "--broker", with_user(system.broker, user), "--json", "--timeout", 3),
            env={**os.environ, **mqtt_env(system.broker, user)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert asked.returncode == told, asked.stderr
        if user == "operator":
            (seen,) = json.loads(asked.stdout)["sites"]
            assert (seen["siteId"], seen["frames"], seen["lastReason"]) == ("never", 5, "no_wake_word")
        else:
            assert "no_wake_word" not in asked.stdout + asked.stderr
            assert len(asked.stderr.strip().splitlines()) == 1
