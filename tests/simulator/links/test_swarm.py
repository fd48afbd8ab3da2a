"""A swarm: every device under its own name and password, over TLS, and its will told when it dies."""

import gc
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import paho.mqtt.client as mqtt
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from gateway.identities import Identities
from gateway.wire import Topics
from simulator.device.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.links.link import LinkError, MqttLink
from simulator.links.mqtt_packets import Will, connect, publish, published, take
from simulator.links.swarm import Account, SwarmLink

ACL = """\
user fleet
topic readwrite #

pattern write earlid/%u/#
pattern write hermes/audioServer/%u/#
pattern read earlid/%u/receipt
"""
AUTHORITY = trustme.CA()


class Broker:
    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"mqtts://127.0.0.1:{port}"
        self.trust = ssl.create_default_context()
        AUTHORITY.configure_trust(self.trust)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, identities: Identities, broker: str) -> Iterator[Broker]:
    """Mosquitto with TLS, a user per device and an ACL by user name (skips as `broker` does)."""
    folder = tmp_path_factory.mktemp("secured")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    AUTHORITY.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    AUTHORITY.cert_pem.write_to_path(folder / "ca.pem")
    users = ["fleet", *(device.site_id for home in identities.households[:4] for device in home.devices)]
    (folder / "passwords").write_text("".join(f"{user}:pw-{user}\n" for user in users))
    path = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
    hasher, binary = (shutil.which(name) or shutil.which(name, path=path) for name in ("mosquitto_passwd", "mosquitto"))
    assert hasher
    assert binary
    subprocess.run([hasher, "-U", str(folder / "passwords")], check=True, capture_output=True)
    (folder / "acl").write_text(ACL)
    lines = [f"listener {port} 127.0.0.1", f"password_file {folder / 'passwords'}", f"acl_file {folder / 'acl'}"]
    lines += [f"cafile {folder / 'ca.pem'}", f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.pem'}"]
    lines += ["persistence false", "allow_anonymous false", "user root"]
    (folder / "broker.conf").write_text("\n".join(lines) + "\n")
    for name in ("passwords", "acl"):
        (folder / name).chmod(0o600)
    process = subprocess.Popen([binary, "-c", str(folder / "broker.conf")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Broker(port)
    finally:
        process.terminate()
        process.wait(10)


def _client(secured: Broker, on_message: Callable[..., None], topics: list[str]) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("fleet", "pw-fleet")
    client.tls_set_context(secured.trust)
    client.on_message = on_message
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", secured.port)
    client.loop_start()
    client.subscribe([(topic, 1) for topic in topics])
    assert subscribed.wait(5)
    return client


def _swarm(secured: Broker, accounts: list[Account]) -> SwarmLink:
    control = MqttLink(secured.url, username="fleet", password="pw-fleet", tls=secured.trust)
    by_site = {account.site_id: account for account in accounts}
    return SwarmLink("127.0.0.1", secured.port, by_site, control=control, tls=secured.trust, timeout_s=20)


def test_a_fleet_of_real_connections_is_answered(
    secured: Broker, identities: Identities, scripted: Callable[..., Any]
) -> None:
    few = identities.model_copy(update={"households": identities.households[:4]})
    plan, gateway = plan_fleet(FleetSettings(utterances_per_device=1), few), scripted("kept")

    def on_message(c: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        for topic, payload in gateway.handle(message.topic, bytes(message.payload)):
            c.publish(topic, payload, qos=1)

    behind = _client(secured, on_message, Topics().for_gateway())
    sites = [device.site_id for device in plan.devices]
    link = _swarm(secured, [Account(site_id=site, username=site, password=f"pw-{site}") for site in sites])
    talk = MqttLink(secured.url, username="fleet", password="pw-fleet", listens=False, tls=secured.trust)
    try:
        assert link.connected == len(sites)
        truth = run_fleet(plan, link=link, transcripts=talk)
    finally:
        link.close()
        talk.close()
        behind.disconnect()
        behind.loop_stop()

    assert {(d.outcome, d.attempts) for d in truth.deliveries} == {("kept", 1)}
    assert len(gateway.starts()) == len(plan.utterances)


def test_the_will_is_told_when_a_device_dies(secured: Broker, identities: Identities) -> None:
    site = identities.households[0].devices[0].site_id
    told, topics = threading.Event(), []

    def on_message(_c: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        topics.append(message.topic)
        told.set()

    witness = _client(secured, on_message, ["earlid/+/gone"])
    link = _swarm(secured, [Account(site_id=site, username=site, password=f"pw-{site}")])
    try:
        link.drop(site)
        assert told.wait(5)
        deadline = time.monotonic() + 5
        while link.connected and time.monotonic() < deadline:
            time.sleep(0.01)
        assert link.connected == 0
        with pytest.raises(LinkError, match="the connection is gone"):
            link.send(Topics().device(site, "context"), b"{}")
    finally:
        link.close()
        witness.disconnect()
        witness.loop_stop()
    assert topics == [f"earlid/{site}/gone"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho forgets its socket
def test_a_wrong_password_or_a_broker_nobody_trusts_is_one_line(secured: Broker, identities: Identities) -> None:
    site = identities.households[0].devices[0].site_id

    with pytest.raises(LinkError, match=r"^the broker refuses a device \(code [45]\)$"):
        _swarm(secured, [Account(site_id=site, username=site, password="wrong")])
    with pytest.raises(LinkError, match=r"^mqtts://127.0.0.1:\d+: no trust in this broker"):
        MqttLink(secured.url, username="fleet", password="pw-fleet", tls=ssl.create_default_context())
    gc.collect()


@given(topic=st.text(min_size=1, max_size=40), payload=st.binary(max_size=400), cut=st.integers(1, 50))
def test_packets_come_whole_however_they_are_cut(topic: str, payload: bytes, cut: int) -> None:
    topic = topic.encode(errors="ignore").decode()
    raw = publish(topic, payload, 7) + connect("id", "u", "p", Will(topic="w", payload=b"x"), 60)
    buffer, found = bytearray(), []
    for at in range(0, len(raw), cut):
        buffer += raw[at : at + cut]
        while (packet := take(buffer)) is not None:
            found.append(packet)

    assert [kind for kind, _, _ in found] == [3, 1]
    assert published(*found[0][1:]) == (topic, payload, 7)
    assert buffer == b""


def test_a_length_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="without end"):
        take(bytearray(b"\x30\xff\xff\xff\xff\x01"))
