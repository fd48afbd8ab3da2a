"""The MQTT session: what arrives goes, in order, into a bounded inbox; nothing is decided on the network thread.

A second, lasting session listens to the microphones' switches alone: the broker keeps them while we are away. Nothing
else is ever kept there, audio least of all.
"""

import hashlib
import os
import ssl
import threading
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile
from gateway.intake.fair_queue import Arrived, FairQueue
from gateway.intake.fast_paho_client import FastPahoClient
from gateway.wire import MAX_TOPIC_BYTES, StopListening, Topics, WireError, decode_json, says_off

_FOR_GOOD = (0x86, 0x87)  # bad user name or password, not authorised: asking again does not help
_MOST_TOLD = 65_536  # beyond it, switches said now may come twice
_A_TURN = 512  # messages before sessions are settled again
_RECEIPTS_WAITING = 50_000  # beyond it a receipt is lost, and its device sends again
_RECEIPTS_UNDER_WAY = 10_000  # under a flood their acknowledgements queue behind it: nobody else may wait for them


class MqttIntake:
    """One connection to a broker.

    `url` is mqtt://[user[:password]@]host[:port] or mqtts://...; a password may also stand in the environment
    variable EARLID_MQTT_PASSWORD, where other users of the machine cannot see it. `ca` is the certificate that signs
    the broker's, for mqtts; the system's are used without.

    Raises:
        BadFile: the URL is not one, or no broker answers within `timeout_s`.
    """

    def __init__(self, url: str, topics: Topics, *, ca: Path | None = None, timeout_s: float = 10.0) -> None:
        self._topics = topics
        self._inbox = FairQueue()
        self._subscribed = threading.Event()
        self._refused: str | None = None
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise BadFile("--broker: mqtt://host:port or mqtts://host:port is wanted")
        self._where = f"{parts.hostname}:{parts.port or (8883 if parts.scheme == 'mqtts' else 1883)}"
        self._told: set[str] = set()  # whose switch we were told since we have been listening
        self._telling = threading.Lock()
        name = hashlib.sha256(f"{parts.username}\0{topics.device('+', 'mute')}".encode()).hexdigest()[:16]
        self._client = FastPahoClient(self._take)
        self._lasting = FastPahoClient(self._take_late, lasting=f"earlid{name}")  # 23 characters at most (3.1.3.1)
        self._client.max_inflight_messages_set(_RECEIPTS_UNDER_WAY)
        self._client.max_queued_messages_set(_RECEIPTS_WAITING)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._lasting.on_connect = self._on_connect_lasting
        self._lasting.on_subscribe = self._on_subscribe
        for client in (self._lasting, self._client):  # what was said while we were away comes before what is said now
            self._subscribed.clear()
            self._connect(client, parts, ca, timeout_s)

    def _connect(self, client: FastPahoClient, parts: SplitResult, ca: Path | None, timeout_s: float) -> None:
        where = self._where
        if parts.scheme == "mqtts":
            try:
                client.tls_set(str(ca) if ca else None)
            except OSError as error:
                raise BadFile(f"{ca}: {error.strerror or type(error).__name__}") from None
        if parts.username:
            password = unquote(parts.password) if parts.password else os.environ.get("EARLID_MQTT_PASSWORD")
            client.username_pw_set(unquote(parts.username), password)
        client.reconnect_delay_set(1, 5)
        try:
            client.connect(parts.hostname or "", int(where.rsplit(":", 1)[1]), keepalive=30)
        except ssl.SSLError:
            self.close()
            raise BadFile(f"--broker {where}: its certificate is not one we trust; --ca names another") from None
        except OSError as error:
            self.close()
            raise BadFile(f"--broker {where}: no broker answers ({error.strerror or type(error).__name__})") from None
        client.loop_start()
        if not self._subscribed.wait(timeout_s):
            self._refused = "connected, but not let subscribe in time"
        if self._refused is not None:
            self.close()
            raise BadFile(f"--broker {where}: {self._refused}")

    def messages(self, wait_s: float) -> list[Arrived]:
        """Some of what has arrived, one device after another; waits up to `wait_s` for the first.

        Raises:
            BadFile: the broker, connected to again, does not let us in any more.
        """
        if self._refused is not None:
            raise BadFile(f"--broker {self._where}: {self._refused}")
        return self._inbox.take(wait_s, _A_TURN)

    def publish(self, topic: str, payload: bytes) -> None:
        """QoS 1, never retained; never waits."""
        self._client.publish(topic, payload, qos=1, retain=False)

    def close(self) -> None:
        for client in (self._client, self._lasting):
            client.disconnect()
            client.loop_stop()

    def _on_connect(self, client: mqtt.Client, _userdata: object, _flags: object, code: ReasonCode, *_: object) -> None:
        if not self._turned_away(code):
            with self._telling:
                self._told.clear()
            client.subscribe([(topic, 1) for topic in self._topics.for_gateway()])

    def _on_connect_lasting(
        self, client: mqtt.Client, _userdata: object, _flags: object, code: ReasonCode, *_: object
    ) -> None:
        if not self._turned_away(code):
            client.subscribe(self._topics.device("+", "mute"), 1)

    def _turned_away(self, code: ReasonCode) -> bool:
        if code.is_failure:
            if not self._subscribed.is_set() or code.value in _FOR_GOOD:
                self._refused = f"refused ({code})"
            self._subscribed.set()
        return bool(code.is_failure)

    def _on_subscribe(
        self, _client: mqtt.Client, _userdata: object, _mid: int, codes: list[ReasonCode], *_: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._refused = "not allowed to subscribe"
        self._subscribed.set()

    def _take_late(self, topic: str, payload: bytes, retained: bool) -> None:
        """A switch the broker kept for us: obeyed where its device has said nothing since we have been listening. What
        is said now comes here as well, and is left to the other session. amqtt calls retained what it kept for us."""
        device = self._topics.device_of(topic)[:MAX_TOPIC_BYTES]
        with self._telling:
            if device not in self._told and (not retained or says_off(payload)):
                self._inbox.put(device, topic[:MAX_TOPIC_BYTES], payload, urgent=True, late=True)

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        asks, switch = self._topics.is_watermark(topic), self._topics.is_mute(topic)
        device = self._topics.device_of(topic)[:MAX_TOPIC_BYTES]
        if switch:
            with self._telling:
                self._take_switch(device, topic, payload, retained)
            return
        if retained:
            return  # a stored message is old, and not its device's word
        if len(topic) > MAX_TOPIC_BYTES:
            topic, payload = topic[:MAX_TOPIC_BYTES], b""  # none of ours: what is left of it is counted as unknown
        if topic == self._topics.stop_listening():
            device = _stopped(payload)  # behind the frames it follows
        self._inbox.put(device, topic, payload, after_all=asks)

    def _take_switch(self, device: str, topic: str, payload: bytes, retained: bool) -> None:
        """Of what a broker retained a switch to off is believed, and no other."""
        if retained and (device in self._told or not says_off(payload)):
            return
        if not retained:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told.add(device)
        self._inbox.put(device, topic[:MAX_TOPIC_BYTES], payload, urgent=True, late=retained)


def _stopped(payload: bytes) -> str:
    try:
        return decode_json(payload, StopListening).site_id
    except WireError:
        return ""
