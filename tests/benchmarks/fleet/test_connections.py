"""Two thousand devices, each on a connection of its own: all counted by the broker, and what one costs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.wire import Topics
from simulator.links.link import MqttLink
from simulator.links.swarm import Account, SwarmLink

DEVICES = 2_000
TOPICS = Topics()


@contextmanager
def _broker_counts(port: int, at_least: int) -> Iterator[Callable[[], int]]:
    """Ask for the clients the broker says are connected, once it says so many or ten seconds are over.

    It connects first: paho's select() takes no file descriptor above 1,023.
    """
    counts, enough = [0], threading.Event()

    def on_message(_c: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        counts.append(int(message.payload))
        if counts[-1] >= at_least:
            enough.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe("$SYS/broker/clients/connected")
    client.connect("127.0.0.1", port)
    client.loop_start()

    def counted() -> int:
        enough.wait(10)
        return max(counts)

    try:
        yield counted
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.bench
@pytest.mark.benchmark(group="connections")
def test_two_thousand_devices_one_by_one(benchmark: Any, note: Any, mosquitto: int) -> None:
    sites = [f"device{number:05d}" for number in range(DEVICES)]
    process = psutil.Process()
    before = process.memory_info().rss
    control = MqttLink(f"mqtt://127.0.0.1:{mosquitto}", listens=False)
    accounts = {site: Account(site_id=site) for site in sites}
    with _broker_counts(mosquitto, DEVICES) as broker_counts:
        link = benchmark.pedantic(
            lambda: SwarmLink("127.0.0.1", mosquitto, accounts, control=control), rounds=1, iterations=1
        )
        try:
            kib = (process.memory_info().rss - before) / 1024 / DEVICES
            counted = broker_counts()
            began = time.perf_counter()
            for _ in range(5):
                for site in sites:
                    link.send(TOPICS.device(site, "context"), b"x" * 100)
            link.drain()
            rate = 5 * DEVICES / (time.perf_counter() - began)
            connected = link.connected
        finally:
            link.close()
    note(
        "connections",
        devices=DEVICES,
        connected=connected,
        broker_counts=counted,
        seconds=round(benchmark.stats.stats.mean, 2),
        kib_per_device=round(kib, 1),
        messages_per_s=round(rate),
    )
    assert connected == DEVICES
    assert counted >= DEVICES
