"""What the fleet's benchmarks share: a broker, and the file their figures go to."""

import resource
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from scenarios.run.broker import find_mosquitto
from tests.benchmarks.figures import Note, noting


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and kept in out/bench/fleet.json."""
    with noting("fleet") as add:
        yield add


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an open Mosquitto on loopback that takes thousands of connections."""
    binary = find_mosquitto()
    if binary is None:
        pytest.skip("mosquitto is not installed")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    config = tmp_path_factory.mktemp("broker") / "broker.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "sys_interval 1"]
    lines += ["max_inflight_messages 1000", "max_queued_messages 1000000", "log_type error", "user root"]
    config.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([binary, "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
