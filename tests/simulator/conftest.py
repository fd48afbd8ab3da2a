"""What the simulator's tests share: a small fleet's identities, a scripted gateway, and a real broker."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.identities import Identities
from gateway.wire import (
    AudioFrame,
    Receipt,
    SessionEnd,
    SessionStart,
    Topics,
    Transcript,
    decode_frame,
    decode_json,
    encode_json,
)
from scenarios.run.broker import find_mosquitto
from simulator.links.link import Message
from simulator.world.households import make_identities

Outcome = str | None  # None: no receipt


class ScriptedGateway:
    """Answers the n-th end of every session with the n-th of `outcomes` (the last one for ever after)."""

    def __init__(self, *outcomes: Outcome, topic_root: str = "") -> None:
        self._outcomes = outcomes or ("kept",)
        self._topics = Topics(topic_root)
        self.log: list[Message] = []
        self.ends: dict[str, int] = {}

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        self.log.append((topic, payload))
        levels = self._topics.split(topic)
        if levels[:4] == ["earlid", "gateway", "watermark", "ask"]:
            return [(self._topics.watermark("reached", levels[4]), b'{"settled": 0}')]
        if levels[2:] != ["session", "end"]:
            return []
        session = decode_json(payload, SessionEnd).session_id
        nth = self.ends[session] = self.ends.get(session, 0) + 1
        outcome = self._outcomes[min(nth, len(self._outcomes)) - 1]
        if outcome is None:
            return []
        receipt = Receipt(session_id=session, outcome=outcome, reason="wake_word")  # type: ignore[arg-type]
        return [(self._topics.device(levels[1], "receipt"), encode_json(receipt))]

    def whats(self) -> list[str]:
        """What came, as the last level of each topic, a run of frames as one."""
        names: list[str] = []
        for topic, _ in self.log:
            name = topic.rsplit("/", 1)[1]
            if not (names and names[-1] == name == "audioSessionFrame"):
                names.append(name)
        return names

    def frames(self) -> list[AudioFrame]:
        return [decode_frame(payload) for topic, payload in self.log if topic.endswith("/audioSessionFrame")]

    def starts(self) -> list[SessionStart]:
        return [decode_json(payload, SessionStart) for topic, payload in self.log if topic.endswith("/session/start")]

    def transcripts(self) -> list[Transcript]:
        return [decode_json(payload, Transcript) for topic, payload in self.log if topic.endswith("/transcript")]


@pytest.fixture
def scripted() -> Callable[..., ScriptedGateway]:
    return ScriptedGateway


@pytest.fixture(scope="session")
def identities() -> Identities:
    """Ten homes: the two Ashlands, and H08 without consent."""
    return make_identities(seed=7, households=10)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Mosquitto on a free loopback port; user `fleet`, password `pw`."""
    binary = find_mosquitto()
    hasher = shutil.which("mosquitto_passwd")
    if binary is None or hasher is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("mosquitto is not installed and EARLID_REQUIRE=all")
        pytest.skip("mosquitto is not installed")
    folder = tmp_path_factory.mktemp("broker")
    yield from _mosquitto(binary, hasher, folder)


def _mosquitto(binary: str, hasher: str, folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    passwords = folder / "passwords"
    subprocess.run([hasher, "-b", "-c", str(passwords), "fleet", "pw"], check=True, capture_output=True)
    config = folder / "mosquitto.conf"
    lines = [
        f"listener {port} 127.0.0.1",
        f"password_file {passwords}",
        "persistence false",
        "allow_anonymous false",
    ]
    if os.geteuid() == 0:
        lines.append("user root")
    config.write_text("\n".join([*lines, ""]))
    process = subprocess.Popen([binary, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail("mosquitto did not start")
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
