"""Who may do what on the private Mosquitto, tried with real clients; and what runs beside it."""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile
from gateway.intake.fair_queue import Arrived
from gateway.intake.mqtt_client import MqttIntake, lasting_name
from gateway.wire import Topics
from scenarios.run.broker import Broker, find_mosquitto, start_broker, users
from scenarios.run.processes import Processes

SITES = {"kitchen": "", "bedroom": "", "faraway": "east"}
OWN = ("session/start", "session/end", "button", "mute", "context")


class Client:
    """A real client; `heard` is every topic that reached it."""

    def __init__(
        self, broker: Broker, user: str | None, password: str | None = None, *, will: str | None = None
    ) -> None:
        self.heard: list[str] = []
        self.connected, self.subscribed = threading.Event(), threading.Event()
        self.refused = False
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        if user is not None:
            self.client.username_pw_set(user, password or broker.passwords[user])
        if broker.ca is not None:
            self.client.tls_set(str(broker.ca))
        if will is not None:
            self.client.will_set(will, b"{}", 1, retain=True)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = lambda _c, _d, message: self.heard.append(message.topic)
        self.client.connect("127.0.0.1", int(broker.url.rsplit(":", 1)[1]))
        self.client.loop_start()
        assert self.connected.wait(5)

    def _on_connect(self, _client: object, _data: object, _flags: object, code: ReasonCode, *_: object) -> None:
        self.refused = code.is_failure
        self.connected.set()

    def subscribe(self, topic: str) -> "Client":
        self.subscribed.clear()
        self.client.subscribe(topic, 1)
        assert self.subscribed.wait(5)
        return self

    def publish(self, *topics: str) -> None:
        for topic in topics:
            self.client.publish(topic, b"{}", qos=1).wait_for_publish(5)

    def drop(self) -> None:
        """Lose the connection without a word."""
        self.client.loop_stop()
        if (socket := self.client.socket()) is not None:
            socket.close()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    if find_mosquitto() is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no mosquitto binary, and EARLID_REQUIRE=all")
        pytest.skip("no mosquitto binary")
    with Processes(tmp_path / "logs") as processes:
        yield lambda **more: start_broker(processes, tmp_path, kind="mosquitto", **more)


@pytest.mark.parametrize("tls", [False, True])
def test_a_device_can_speak_and_hear_for_itself_alone(start: Callable[..., Broker], tls: bool) -> None:
    _speaks_and_hears_for_itself_alone(start(roots=("", "east"), devices=SITES, tls=tls))


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    with Processes(tmp_path / "logs") as processes:
        yield lambda **more: start_broker(processes, tmp_path, kind="amqtt", **more)


def test_so_it_is_on_the_embedded_broker(embedded: Callable[..., Broker]) -> None:
    _speaks_and_hears_for_itself_alone(embedded(roots=("", "east"), devices=SITES))


def test_on_the_embedded_broker_nobody_comes_in_without_a_password(
    embedded: Callable[..., Broker], tmp_path: Path
) -> None:
    broker = embedded(devices={"kitchen": ""})
    for user, password in ((None, None), ("kitchen", "guess"), ("stranger", "guess"), ("gateway", "guess")):
        client = Client(broker, user, password)
        assert client.refused
        client.close()
    kept = (tmp_path / "broker.rights").read_text()
    assert not any(password in kept for password in broker.passwords.values())
    assert (tmp_path / "broker.rights").stat().st_mode & 0o777 == 0o600


def test_a_last_will_reaches_no_topic_of_others(start: Callable[..., Broker]) -> None:
    _wills_for_itself_alone(start(devices=SITES, roots=("", "east")))


def test_so_it_does_on_the_embedded_broker(embedded: Callable[..., Broker]) -> None:
    _wills_for_itself_alone(embedded(devices=SITES, roots=("", "east")))


def _wills_for_itself_alone(broker: Broker) -> None:
    gateway = Client(broker, "gateway").subscribe("#").subscribe("hermes/#").subscribe("earlid/#")
    own = "earlid/kitchen/mute"
    for topic in ("earlid/bedroom/mute", "earlid/assistant/transcript", "earlid/gateway/counts/ask/x", own):
        Client(broker, "kitchen", will=topic).drop()
    until = time.monotonic() + 10
    while time.monotonic() < until and own not in gateway.heard:
        time.sleep(0.02)
    time.sleep(0.3)
    assert gateway.heard == [own]
    gateway.close()


def _speaks_and_hears_for_itself_alone(broker: Broker) -> None:
    gateway = Client(broker, "gateway").subscribe("#").subscribe("hermes/#").subscribe("earlid/#")
    east = Client(broker, "gateway-east").subscribe("#").subscribe("east/hermes/#").subscribe("east/earlid/#")
    kitchen = Client(broker, "kitchen").subscribe("#").subscribe("earlid/+/receipt").subscribe("hermes/#")
    kitchen.subscribe("earlid/kitchen/receipt").subscribe("earlid/bedroom/receipt")
    own = [f"earlid/kitchen/{what}" for what in OWN] + ["hermes/audioServer/kitchen/s1/audioSessionFrame"]
    others = [f"earlid/bedroom/{what}" for what in OWN] + ["hermes/audioServer/bedroom/audioFrame"]
    forged = ["earlid/kitchen/receipt", "earlid/assistant/transcript", "earlid/gateway/watermark/reached/x"]
    forged += ["earlid/gateway/counts/ask/x", "earlid/gateway/counts/told/x"]
    forged += ["earlid/gateway/status/ask/x", "earlid/gateway/status/told/x", "hermes/asr/stopListening"]
    elsewhere = [
        "east/earlid/kitchen/button",
        "east/hermes/audioServer/kitchen/audioFrame",
        "hermes/asr/startListening",
    ]
    kitchen.publish(*own, *others, *forged, *elsewhere)
    gateway.publish("earlid/kitchen/receipt", "earlid/bedroom/receipt", "earlid/gateway/status/told/x")
    faraway = Client(broker, "faraway")
    faraway.publish("east/earlid/faraway/button", "earlid/faraway/button")
    until = time.monotonic() + 10
    while time.monotonic() < until and not (kitchen.heard and east.heard and len(set(gateway.heard)) >= len(own)):
        time.sleep(0.02)
    time.sleep(0.3)
    answers = {"earlid/kitchen/receipt", "earlid/bedroom/receipt", "earlid/gateway/status/told/x"}
    assert sorted(set(gateway.heard) - answers) == sorted(own)
    assert set(kitchen.heard) == {"earlid/kitchen/receipt"}
    assert set(east.heard) == {"east/earlid/faraway/button"}
    for client in (gateway, east, kitchen, faraway):
        client.close()


def test_a_message_larger_than_any_frame_reaches_nobody(start: Callable[..., Broker]) -> None:
    broker = start(devices={"kitchen": ""})
    gateway, kitchen = Client(broker, "gateway").subscribe("#"), Client(broker, "kitchen")
    topic = "hermes/audioServer/kitchen/audioFrame"
    for size in (64 * 1024 + 200, 200_000, 10):
        kitchen.client.publish(topic, bytes(size), qos=1).wait_for_publish(5)
    until = time.monotonic() + 5
    while len(gateway.heard) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert gateway.heard == [topic, topic]
    gateway.close()
    kitchen.close()


def test_without_a_password_nobody_comes_in(start: Callable[..., Broker]) -> None:
    broker = start(devices={"kitchen": ""})
    for user, password in ((None, None), ("kitchen", "guess"), ("stranger", "guess")):
        client = Client(broker, user, password)
        assert client.refused
        client.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho forgets a refused TLS socket
def test_the_gateway_speaks_tls_to_the_broker_it_was_told_to_trust(
    start: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broker = start(tls=True, devices={"kitchen": ""})
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    url = broker.url.replace("mqtts://", "mqtts://gateway@")
    ingest = MqttIntake(url, Topics(), ca=broker.ca)
    kitchen = Client(broker, "kitchen")
    kitchen.publish("earlid/kitchen/button")
    assert [came.topic for came in ingest.messages(5.0)] == ["earlid/kitchen/button"]
    ingest.close()
    kitchen.close()
    with pytest.raises(BadFile, match="certificate is not one we trust"):
        MqttIntake(url, Topics(), timeout_s=2)
    gc.collect()
    with pytest.raises(BadFile, match=r"none\.pem"):
        MqttIntake(url, Topics(), ca=tmp_path / "none.pem", timeout_s=2)


SWITCHES = {"off": b'{"muted": true, "atMs": 1}', "on": b'{"muted": false, "atMs": 1}', "unreadable": b"{"}


@pytest.mark.parametrize(("says", "believed"), [("off", True), ("on", False), ("unreadable", True)])
def test_of_what_is_retained_a_switch_to_off_alone_is_believed(
    start: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch, says: str, believed: bool
) -> None:
    broker = start(devices={"kitchen": ""})
    kitchen = Client(broker, "kitchen")
    for topic, payload in (("mute", SWITCHES[says]), ("session/start", b"{}"), ("button", b"{}")):
        kitchen.client.publish(f"earlid/kitchen/{topic}", payload, qos=1, retain=True).wait_for_publish(5)
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    ingest = MqttIntake(broker.url.replace("mqtt://", "mqtt://gateway@"), Topics())
    kitchen.publish("earlid/kitchen/context")
    came = arrived(ingest, "earlid/kitchen/context")
    once = dict.fromkeys((each.topic, each.payload, each.late) for each in came)  # both sessions are told of it
    assert list(once) == [
        *([("earlid/kitchen/mute", SWITCHES[says], True)] if believed else []),
        ("earlid/kitchen/context", b"{}", False),
    ]
    ingest.close()
    kitchen.close()


def arrived(ingest: MqttIntake, last: str) -> list[Arrived]:
    """What comes up to a message of this topic."""
    came: list[Arrived] = []
    until = time.monotonic() + 5
    while time.monotonic() < until and not any(each.topic == last for each in came):
        came += ingest.messages(0.5)
    return came


def test_the_embedded_broker_keeps_an_off_for_a_gateway_that_is_away(
    embedded: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retained or not; an on it hands over as if it were retained, and then it is not believed."""
    broker = embedded(devices={"kitchen": "", "bedroom": ""})
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    url = broker.url.replace("mqtt://", "mqtt://gateway@")
    MqttIntake(url, Topics()).close()
    clients = {site: Client(broker, site) for site in ("kitchen", "bedroom")}
    for site, retain in (("kitchen", False), ("bedroom", True)):
        topic = f"earlid/{site}/mute"
        clients[site].client.publish(topic, SWITCHES["off"], qos=1, retain=retain).wait_for_publish(5)
    ingest = MqttIntake(url, Topics())
    told: set[tuple[str, bytes | None]] = set()
    until = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < until:
        told |= {(each.device, each.payload) for each in ingest.messages(0.5) if each.late}
    assert told == {("kitchen", SWITCHES["off"]), ("bedroom", SWITCHES["off"])}
    ingest.close()
    for client in clients.values():
        client.close()


def test_a_switch_said_while_the_gateway_was_away_is_told_before_anything_else(
    start: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is retained, and no audio is kept by the broker meanwhile; once told it is not told again."""
    broker = start(devices={"kitchen": "", "bedroom": ""})
    kitchen, bedroom = Client(broker, "kitchen"), Client(broker, "bedroom")
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    url = broker.url.replace("mqtt://", "mqtt://gateway@")
    MqttIntake(url, Topics()).close()
    kitchen.client.publish("earlid/kitchen/mute", SWITCHES["off"], qos=1).wait_for_publish(5)
    for payload in (SWITCHES["off"], SWITCHES["on"]):
        bedroom.client.publish("earlid/bedroom/mute", payload, qos=1).wait_for_publish(5)
    kitchen.publish("hermes/audioServer/kitchen/audioFrame", "earlid/kitchen/session/start")
    for expected in (["kitchen off", "bedroom off", "bedroom on"], []):
        ingest = MqttIntake(url, Topics())
        kitchen.publish("earlid/kitchen/context")
        *came, last = arrived(ingest, "earlid/kitchen/context")
        said = {payload: name for name, payload in SWITCHES.items()}
        assert sorted(f"{each.device} {said[each.payload or b'']}" for each in came) == sorted(expected)
        assert [said[each.payload or b""] for each in came if each.device == "bedroom"] == ["off", "on"][: len(came)]
        assert all(each.late for each in came)
        assert not last.late
        ingest.close()
    kitchen.close()
    bedroom.close()


def test_no_device_can_empty_what_is_kept_for_the_gateway(
    start: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows the code, the user and the root, and not the gateway's key."""
    broker = start(devices={"kitchen": "", "bedroom": ""})
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    url = broker.url.replace("mqtt://", "mqtt://gateway@")
    MqttIntake(url, Topics(), key=b"k" * 32).close()
    kitchen = Client(broker, "kitchen")
    kitchen.client.publish("earlid/kitchen/mute", SWITCHES["off"], qos=1).wait_for_publish(5)
    for key in (b"", b"guess"):
        bedroom = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=lasting_name("gateway", Topics(), key),
            clean_session=True,  # a clean start throws away what the session holds
            protocol=mqtt.MQTTv311,
        )
        bedroom.username_pw_set("bedroom", broker.passwords["bedroom"])
        bedroom.connect("127.0.0.1", int(broker.url.rsplit(":", 1)[1]))
        bedroom.loop_start()
        time.sleep(0.3)
        bedroom.disconnect()
        bedroom.loop_stop()
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    ingest = MqttIntake(url, Topics(), key=b"k" * 32)
    kitchen.publish("earlid/kitchen/context")
    assert [each.payload for each in arrived(ingest, "earlid/kitchen/context") if each.late] == [SWITCHES["off"]]
    ingest.close()
    kitchen.close()


def test_a_switch_said_now_is_told_once_and_in_its_place(
    start: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = start(devices={"kitchen": ""})
    kitchen = Client(broker, "kitchen")
    monkeypatch.setenv("EARLID_MQTT_PASSWORD", broker.passwords["gateway"])
    ingest = MqttIntake(broker.url.replace("mqtt://", "mqtt://gateway@"), Topics())
    for number in range(20):
        payload = SWITCHES["off" if number % 2 else "on"]
        kitchen.client.publish("earlid/kitchen/mute", payload, qos=1).wait_for_publish(5)
        kitchen.publish("earlid/kitchen/button")
    kitchen.publish("earlid/kitchen/context")
    came = arrived(ingest, "earlid/kitchen/context")
    assert [each.topic.split("/")[2] for each in came if not each.late] == ["mute", "button"] * 20 + ["context"]
    assert len([each for each in came if each.late]) <= 1, "the first may come by both ways"
    ingest.close()
    kitchen.close()


def test_a_device_may_not_have_a_roles_name_or_a_strange_one() -> None:
    for devices in ({"fleet": ""}, {"a/b": ""}, {"#": ""}, {"kitchen": "nowhere"}):
        with pytest.raises(ValueError, match="devices"):
            users(("",), devices)
