"""Links: what is sent arrives, receipts come back with the drain, and what is missing is said in one line."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.wire import Receipt, SessionEnd, Topics, encode_json
from simulator.links.link import LinkError, MemoryLink, MqttLink, receipts_in

TOPICS = Topics()
END = encode_json(SessionEnd(session_id="s1", at_ms=1, frames=1))
KEPT = Receipt(session_id="s1", outcome="kept", reason="wake_word")


@contextmanager
def _answering(broker: str, handle: Callable[[str, bytes], list[tuple[str, bytes]]]) -> Iterator[None]:
    """`handle` as a gateway behind the broker."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("fleet", "pw")
    subscribed = threading.Event()

    def on_message(c: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        for topic, payload in handle(message.topic, bytes(message.payload)):
            c.publish(topic, payload, qos=1)

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    host, port = broker.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    client.subscribe([(topic, 1) for topic in TOPICS.for_gateway()])
    assert subscribed.wait(5)
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def test_in_memory_receipts_come_with_the_drain_and_once(scripted: Callable[..., Any]) -> None:
    link = MemoryLink(scripted("kept").handle)

    link.send(TOPICS.device("dev1", "session/end"), END)

    assert link.drain() == [("dev1", KEPT)]
    assert link.drain() == []


def test_in_memory_a_gateway_without_watermark_is_an_error() -> None:
    with pytest.raises(LinkError, match="does not answer the watermark"):
        MemoryLink(lambda _topic, _payload: []).drain()


def test_what_is_no_receipt_answers_nothing() -> None:
    good = (TOPICS.device("dev1", "receipt"), encode_json(KEPT))
    bad = [(good[0], b"{"), ("earlid/dev1/mute", good[1]), ("other", good[1]), (f"root/{good[0]}", good[1])]

    assert receipts_in([*bad, good], TOPICS) == [("dev1", KEPT)]
    assert receipts_in(bad, Topics("root")) == [("dev1", KEPT)]


def test_over_mqtt_everything_arrives_in_order_and_the_drain_brings_the_receipt(
    broker: str, scripted: Callable[..., Any]
) -> None:
    gateway = scripted("kept")
    with _answering(broker, gateway.handle):
        link = MqttLink(broker, username="fleet", password="pw", in_flight=16)
        try:
            for n in range(300):
                link.send(TOPICS.frame("dev1", "s1"), str(n).encode())
            link.send(TOPICS.device("dev1", "session/end"), END)

            assert link.drain() == [("dev1", KEPT)]
            assert link.drain() == []
        finally:
            link.close()

    frames = [payload for topic, payload in gateway.log if topic.endswith("audioSessionFrame")]
    assert frames == [str(n).encode() for n in range(300)]


def test_over_mqtt_a_question_that_was_lost_is_asked_again_and_answered_once(
    broker: str, scripted: Callable[..., Any]
) -> None:
    gateway, lost = scripted("kept"), []

    def deaf_at_first(topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        if "/watermark/ask/" in topic and topic not in lost:
            lost.append(topic)
            return []
        return list(gateway.handle(topic, payload)) * 2  # and every answer comes twice

    with _answering(broker, deaf_at_first):
        link = MqttLink(broker, username="fleet", password="pw", drain_s=20)
        try:
            link.send(TOPICS.device("dev1", "session/end"), END)

            assert link.drain() == [("dev1", KEPT)] * 2
            assert link.drain() == []
        finally:
            link.close()
    assert len(lost) == 2, "a late answer to the first question does not answer the second"


def test_over_mqtt_a_link_that_only_talks_drains_to_the_broker(broker: str) -> None:
    link = MqttLink(broker, username="fleet", password="pw", listens=False)
    try:
        link.send(TOPICS.transcript(), b"{}")

        assert link.drain() == []
    finally:
        link.close()


def test_over_mqtt_a_gateway_that_is_not_there_is_one_line(broker: str) -> None:
    link = MqttLink(broker, username="fleet", password="pw", drain_s=0.3)
    try:
        with pytest.raises(LinkError, match=r"^mqtt://\S+: no gateway answers the watermark \(waited 0.3 s\)$"):
            link.drain()
    finally:
        link.close()


def test_over_mqtt_a_wrong_password_is_one_line(broker: str) -> None:
    with pytest.raises(LinkError, match="refuses the connection") as error:
        MqttLink(broker, username="fleet", password="wrong")

    assert "wrong" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_broker_that_is_not_there_is_one_line() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(LinkError, match=rf"^mqtt://127.0.0.1:{port}: no broker answers \(connection refused\)$"):
        MqttLink(f"mqtt://127.0.0.1:{port}")


def test_a_server_that_is_no_broker_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"mqtt://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(LinkError, match="does not let us in"):
            MqttLink(url, timeout_s=0.3)


@pytest.mark.parametrize("url", ["", "localhost", "http://x", "mqtt://", "mqtt://u:p@x", "mqtt://x:port", "mqtt://x/y"])
def test_only_a_plain_mqtt_url_is_taken(url: str) -> None:
    with pytest.raises(LinkError, match="mqtt://host:port is wanted"):
        MqttLink(url)


@pytest.mark.parametrize(("talks", "least", "most"), [(False, 0.9, 5.0), (True, 0.1, 0.8)])
def test_over_mqtt_a_silent_gateway_is_told_from_a_busy_one(
    broker: str, scripted: Callable[..., Any], talks: bool, least: float, most: float
) -> None:
    gateway, asked = scripted("kept"), threading.Event()

    def slow(topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        if "/watermark/ask/" in topic:
            asked.set()
            time.sleep(1.0)  # a second's work
        return list(gateway.handle(topic, payload))

    def receipts() -> None:
        asked.wait(10)
        for _ in range(10):
            talker.send(TOPICS.device("dev1", "receipt"), encode_json(KEPT))
            time.sleep(0.1)

    with _answering(broker, slow):
        link = MqttLink(broker, username="fleet", password="pw")
        talker = MqttLink(broker, username="fleet", password="pw", listens=False)
        talking = threading.Thread(target=receipts)
        try:
            if talks:
                talking.start()
            link.drain()
        finally:
            if talks:
                talking.join()
            talker.close()
            link.close()
    assert least <= link.silence_s < most
