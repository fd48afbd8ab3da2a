"""How fast the door takes frames in while devices send far more than fits, beside paho's own way; a real Mosquitto."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.intake.mqtt_client import MqttIntake
from gateway.wire import Topics
from scenarios.run.broker import Broker, find_mosquitto, start_broker
from scenarios.run.processes import Processes
from tests.benchmarks.figures import Note
from tests.end_to_end.flood import FRAMES, PCM_BYTES, flooding

pytestmark = pytest.mark.bench
SECONDS, SESSIONS_PER_S = 4.0, 1_500.0
SOUNDS = {f"hostile{number}": bytes(FRAMES * PCM_BYTES) for number in range(6)}


def ours(broker: Broker, count: Counter[str]) -> Callable[[], None]:
    """The gateway's own, its inbox emptied as it fills."""
    url = broker.url.replace("mqtt://", f"mqtt://gateway:{broker.passwords['gateway']}@")
    ingest, over = MqttIntake(url, Topics()), threading.Event()
    inside = ingest._queue.put

    def put(device: str, topic: str, payload: bytes, **more: bool) -> bool:
        count["messages"] += 1
        return inside(device, topic, payload, **more)

    ingest._queue.put = put  # type: ignore[method-assign]

    def empty() -> None:
        while not over.is_set():
            ingest.messages(0.05)

    worker = threading.Thread(target=empty)
    worker.start()

    def close() -> None:
        over.set()
        worker.join()
        ingest.close()

    return close


def paho(broker: Broker, count: Counter[str]) -> Callable[[], None]:
    """A plain client that counts what it is given."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.username_pw_set("gateway", broker.passwords["gateway"])
    client.on_connect = lambda *_: client.subscribe([(topic, 1) for topic in Topics().for_gateway()])  # type: ignore[assignment]
    client.on_message = lambda *_: count.update(messages=1)
    client.connect("127.0.0.1", int(broker.url.rsplit(":", 1)[1]))
    client.loop_start()

    def close() -> None:
        client.disconnect()
        client.loop_stop()

    return close


def measured(broker: Broker, reader: Callable[[Broker, Counter[str]], Callable[[], None]]) -> tuple[float, float]:
    """(messages a second, processor microseconds of its network threads a message); ours has two connections."""
    count: Counter[str] = Counter()
    close = reader(broker, count)
    network = {each.native_id for each in threading.enumerate() if each.name.startswith("paho-mqtt-client")}

    def spent() -> float:
        return sum(t.user_time + t.system_time for t in psutil.Process().threads() if t.id in network)

    with flooding(broker, SOUNDS, sessions_per_s=SESSIONS_PER_S):
        time.sleep(1.0)
        began, cpu, before = time.monotonic(), spent(), count["messages"]
        time.sleep(SECONDS)
        took, cpu, got = time.monotonic() - began, spent() - cpu, count["messages"] - before
    close()
    return got / took, 1e6 * cpu / got


def test_what_the_door_takes_in_under_a_flood(tmp_path: Path, note: Note) -> None:
    if find_mosquitto() is None:
        pytest.skip("no mosquitto binary")
    found = {}
    for reader in (ours, paho):
        folder = tmp_path / reader.__name__
        folder.mkdir()
        with Processes(folder / "logs") as processes:
            broker = start_broker(processes, folder, kind="mosquitto", devices=dict.fromkeys(SOUNDS, ""))
            found[reader.__name__] = measured(broker, reader)
    note(
        "the door under a flood",
        sent_per_s=round(SESSIONS_PER_S * (FRAMES + 2)),
        taken_per_s=round(found["ours"][0]),
        paho_taken_per_s=round(found["paho"][0]),
        cpu_us_a_message=round(found["ours"][1], 1),
        paho_cpu_us_a_message=round(found["paho"][1], 1),
    )
    assert found["ours"][1] < 0.5 * found["paho"][1]
    assert found["ours"][0] > found["paho"][0]
