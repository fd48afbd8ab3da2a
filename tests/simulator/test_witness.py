"""`mosquitto_sub -t '#'` as an outside witness: the wire carries exactly what
gateway/docs/mqtt-door.md says."""

import io
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import wave
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.identities import Identities
from scenarios.run.processes import Processes
from simulator.device.fleet import FleetSettings, Mix, plan_fleet, run_fleet
from simulator.links.link import MqttLink
from simulator.world.households import make_identities
from simulator.world.truth import Truth

PAGE = Path(__file__).parents[2] / "gateway" / "docs" / "mqtt-door.md"
MIX = Mix(wake=0.4, button=0.25, false_wake=0.1, noise=0.05, muted=0.2)
NEVER_HERE = {"hermes/audioServer/<siteId>/audioFrame", "hermes/asr/stopListening", "earlid/gateway/counts/ask/<token>"}
NEVER_HERE |= {"earlid/gateway/status/ask/<token>", "earlid/gateway/status/told/<token>"}
NEVER_HERE |= {"earlid/gateway/counts/told/<token>", "earlid/<siteId>/gone"}


class Heard(NamedTuple):
    topic: str
    retained: bool
    qos: int
    payload: bytes


class Promise(NamedTuple):
    """A row of the page's table: its topic as a pattern, and the JSON keys it names."""

    topic: str
    pattern: re.Pattern[str]
    keys: frozenset[str]


def promises() -> list[Promise]:
    found = []
    for line in PAGE.read_text().splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) == 5 and re.fullmatch(r" `(hermes|earlid)/\S+` ", cells[1]):
            topic = cells[1].strip(" `")
            pattern = re.compile("/".join("[^/]+" if level.startswith("<") else level for level in topic.split("/")))
            shape = re.search(r"`(\{.*\})`", cells[3])
            names = re.sub(r':\s*("[^"]*"(\\\|)?)+', "", shape[1]) if shape else ""  # without the values it lists
            keys = re.findall(r'"(\w+)"', names) or re.findall(r"`(\w+)`(?=[, ])", cells[3])
            found.append(Promise(topic, pattern, frozenset(keys)))
    return found


@pytest.fixture
def mosquitto_sub() -> str:
    found = shutil.which("mosquitto_sub")
    if found is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("mosquitto_sub is not installed and EARLID_REQUIRE=all")
        pytest.skip("mosquitto_sub is not installed")
    return found


class Witness:
    """mosquitto_sub on everything, writing down what it is handed."""

    def __init__(self, binary: str, broker: str, out: Path, *more: str) -> None:
        host, port = broker.removeprefix("mqtt://").split(":")
        command = [binary, "-h", host, "-p", port, "-u", "fleet", "-P", "pw", "-q", "1", "-t", "#"]
        self._out, self._file = out, out.open("wb")
        self._process = subprocess.Popen([*command, "-F", "%t %r %q %x", *more], stdout=self._file)

    def stop(self) -> list[Heard]:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(10)
        self._file.close()
        rows = [line.split(" ") for line in self._out.read_text().splitlines()]
        return [Heard(topic, retained == "1", int(qos), bytes.fromhex(data)) for topic, retained, qos, data in rows]


@pytest.fixture
def gateway(broker: str, tmp_path: Path) -> Iterator[Identities]:
    """A real gateway on the open broker, for the homes that are returned; it has subscribed when they are."""
    homes = make_identities(seed=11, households=4)
    provisioning = tmp_path / "provisioning.json"
    provisioning.write_bytes(homes.without_secrets().to_json())
    contract = ["--contract", "amazon-2019-before", "--audit", str(tmp_path / "audit.jsonl")]
    command = [sys.executable, "-m", "gateway", "gateway", "--broker", broker.replace("mqtt://", "mqtt://fleet@")]
    command += [*contract, "--store", f"sqlite:///{tmp_path / 'clips.db'}", "--identities", str(provisioning)]
    with Processes(tmp_path / "logs") as processes:
        processes.start("gateway", command, ready="gateway ready", env={"EARLID_MQTT_PASSWORD": "pw"})
        yield homes


@pytest.fixture
def seen(
    mosquitto_sub: str, broker: str, gateway: Identities, tmp_path: Path
) -> tuple[Truth, list[Heard], list[Heard]]:
    """What a small fleet says it did, what the witness saw of it, and what one who comes later is told."""
    witness = Witness(mosquitto_sub, broker, tmp_path / "witness.txt")
    devices, assistant = (MqttLink(broker, username="fleet", password="pw", listens=on) for on in (True, False))
    try:
        devices.drain()  # the witness is there when its own broker answers; and so is the gateway
        time.sleep(0.5)
        plan = plan_fleet(FleetSettings(utterances_per_device=4, mix=MIX, seed=3), gateway)
        truth = run_fleet(plan, link=devices, transcripts=assistant)
    finally:
        devices.close()
        assistant.close()
    late = Witness(mosquitto_sub, broker, tmp_path / "late.txt", "-W", "1")
    time.sleep(1.0)
    return truth, witness.stop(), late.stop()


def _by_promise(heard: list[Heard]) -> dict[str, list[Heard]]:
    found: dict[str, list[Heard]] = {promise.topic: [] for promise in promises()}
    for each in heard:
        (promise,) = [p for p in promises() if p.pattern.fullmatch(each.topic)]
        found[promise.topic].append(each)
    return found


def _frame(payload: bytes) -> tuple[int, int]:
    """Samples and number, read with the standard library alone: a whole WAV, the chunk `erld` right behind its data."""
    with wave.open(io.BytesIO(payload)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (16_000, 2, 1)
        samples = sound.getnframes()
    extra = payload[44 + 2 * samples :]
    name, size, version, number, _at_ms = struct.unpack("<4sIB3xIq", extra)
    assert (name, size, version, len(payload) <= 65_536) == (b"erld", 16, 1, True)
    return samples, number


@pytest.mark.slow
def test_the_wire_is_what_the_readme_says(seen: tuple[Truth, list[Heard], list[Heard]]) -> None:
    truth, heard, late = seen
    by_topic = _by_promise(heard)

    assert {topic for topic, messages in by_topic.items() if not messages} == NEVER_HERE
    assert not late, "nothing is retained: who comes later hears nothing"
    assert {(each.retained, each.qos) for each in heard} == {(False, 1)}
    _has_the_keys(by_topic)
    _counts_as_the_fleet_does(truth, by_topic)


def _has_the_keys(by_topic: dict[str, list[Heard]]) -> None:
    for promise in promises():
        if promise.keys and promise.topic not in NEVER_HERE and "audioServer" not in promise.topic:
            for each in by_topic[promise.topic]:
                if not each.payload:
                    continue  # takes back a retained off
                keys = json.loads(each.payload).keys()
                if promise.topic.endswith("transcript"):  # Hermes' message has more keys than the table names
                    assert keys >= promise.keys - {"textCaptured"}, promise.topic
                else:
                    assert keys == promise.keys, promise.topic


def _counts_as_the_fleet_does(truth: Truth, by_topic: dict[str, list[Heard]]) -> None:
    sent = {said.session_id: delivery for said, delivery in _pairs(truth)}
    frames: Counter[str] = Counter()
    numbers: dict[str, set[int]] = {}
    for each in by_topic["hermes/audioServer/<siteId>/<sessionId>/audioSessionFrame"]:
        session = each.topic.split("/")[3]
        samples, number = _frame(each.payload)
        assert samples == 1_280
        frames[session] += 1
        numbers.setdefault(session, set()).add(number)
    assert frames == Counter({session: d.attempts * d.frames for session, d in sent.items()})
    assert {session: len(found) for session, found in numbers.items()} == {s: d.frames for s, d in sent.items()}
    attempts = Counter({session: delivery.attempts for session, delivery in sent.items()})
    for topic in ("earlid/<siteId>/session/start", "earlid/<siteId>/session/end", "earlid/assistant/transcript"):
        assert Counter(json.loads(each.payload)["sessionId"] for each in by_topic[topic]) == attempts, topic
    receipts = {
        told["sessionId"]: told for told in (json.loads(r.payload) for r in by_topic["earlid/<siteId>/receipt"])
    }
    assert {s: r["outcome"] for s, r in receipts.items()} == {s: d.outcome for s, d in sent.items()}
    pressed = {json.loads(each.payload)["sessionId"] for each in by_topic["earlid/<siteId>/button"]}
    assert pressed == {said.session_id for said in truth.utterances if said.kind == "button"}
    muted = sum(said.kind == "muted" for said in truth.utterances)
    switches = by_topic["earlid/<siteId>/mute"]
    assert len([each for each in switches if each.payload]) == 2 * muted > 0
    assert len([each for each in switches if not each.payload]) == muted, "every retained off is taken back"


def _pairs(truth: Truth) -> list[Any]:
    return list(zip(truth.utterances, truth.deliveries, strict=True))
