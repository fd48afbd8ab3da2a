"""A gateway that started its vault itself is killed: neither the identities nor a key to them outlive it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scenarios.run.broker import Broker, start_broker
from scenarios.run.processes import Processes
from scenarios.run.target import mqtt_env, with_user
from tests.end_to_end.runs import ROOT


@pytest.fixture
def broker(tmp_path: Path, mosquitto: str) -> Iterator[Broker]:
    with Processes(tmp_path / "logs") as processes:
        yield start_broker(processes, tmp_path, kind="mosquitto")


def started(folder: Path, broker: Broker, tag: str) -> "subprocess.Popen[str]":
    """`earlid gateway --identities` whose private folder lies below `folder`/t."""
    home = {"household_id": "H01", "devices": [{"site_id": "kitchen"}]}
    (folder / "ids.json").write_text(json.dumps({"schema": 1, "households": [home]}))
    (folder / "t").mkdir()
    options = ["--broker", with_user(broker, "gateway"), "--store", f"sqlite:///{folder / 'clips.db'}"]
    options += ["--identities", "ids.json"]
    env = {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "t"), "EARLID_TEST_RUN": tag, **mqtt_env(broker, "gateway")}
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", "gateway", *options],
        cwd=folder,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        text=True,
    )


def seen(what: Callable[[], bool], within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("when", ["starting", "ready"])
def test_a_killed_gateway_takes_its_vault_along(tmp_path: Path, broker: Broker, tag: str, when: str) -> None:
    with started(tmp_path, broker, tag) as gateway:
        assert gateway.stdout is not None
        assert when == "starting" or gateway.stdout.readline() == "gateway ready\n"
        assert seen(lambda: bool(psutil.Process(gateway.pid).children()))
        (vault,) = psutil.Process(gateway.pid).children()
        assert list((tmp_path / "t").glob("earlid-vault-*/credentials.json"))
        gateway.kill()
    try:
        assert seen(lambda: is_gone(vault))
        assert seen(lambda: not list((tmp_path / "t").glob("earlid-vault-*")))
    finally:
        if not is_gone(vault):
            vault.kill()


def test_a_stopped_gateway_leaves_no_vault_either(tmp_path: Path, broker: Broker, tag: str) -> None:
    with started(tmp_path, broker, tag) as gateway:
        assert gateway.stdout is not None
        assert gateway.stdout.readline() == "gateway ready\n"
        (vault,) = psutil.Process(gateway.pid).children()
        gateway.terminate()
        assert gateway.wait(20) == 0
    assert is_gone(vault)
    assert list((tmp_path / "t").glob("earlid-vault-*")) == []
