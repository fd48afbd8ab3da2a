"""The MQTT sessions of the gateway. Messages go into a bounded queue; the network thread decides nothing.

A second, persistent session subscribes to the mute switches only. The broker stores those while the gateway is away. It
stores no other topic, and never audio.
"""

import hashlib
import hmac
import os
import ssl
import threading
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile, reason_of
from gateway.intake.fair_queue import Arrived, FairQueue
from gateway.intake.fast_paho_client import FastPahoClient
from gateway.wire import MAX_TOPIC_BYTES, StopListening, Topics, WireError, decode_json, says_off

_FOR_GOOD = (0x86, 0x87)  # bad user name or password, not authorised: a retry cannot help
_MOST_TOLD = 65_536  # devices; beyond it a switch may be taken twice
_A_TURN = 512  # messages taken before sessions are settled again
_RECEIPTS_WAITING = 50_000  # beyond it a receipt is lost, and its device sends the session again
_RECEIPTS_UNDER_WAY = 10_000  # under a flood acknowledgements are late; other receipts must not wait for them


class MqttIntake:
    """One connection to a broker.

    `url` is mqtt://[user[:password]@]host[:port] or mqtts://...; a password may also stand in the environment
    variable EARLID_MQTT_PASSWORD, where other users of the machine cannot see it. `ca` is the certificate that signs
    the broker's, for mqtts; without it the system's certificates are used. `key` is the gateway's own, from a file: the
    persistent session has a client id that nobody else can tell. Brokers hand a session, with what it holds, to whoever
    says its id.

    Raises:
        BadFile: the URL is not valid, or no broker answers within `timeout_s` seconds.
    """

    def __init__(
        self, url: str, topics: Topics, *, ca: Path | None = None, timeout_s: float = 10.0, key: bytes = b""
    ) -> None:
        self._topics = topics
        self._queue = FairQueue()
        self._subscribed = threading.Event()
        self._refused: str | None = None
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise BadFile("--broker: mqtt://host:port or mqtts://host:port is wanted")
        self._where = f"{parts.hostname}:{parts.port or (8883 if parts.scheme == 'mqtts' else 1883)}"
        self._told: set[str] = set()  # devices that sent a switch since we subscribed
        self._telling = threading.Lock()
        self._client = FastPahoClient(self._take)
        self._lasting = FastPahoClient(self._take_late, lasting=lasting_name(parts.username, topics, key))
        self._client.max_inflight_messages_set(_RECEIPTS_UNDER_WAY)
        self._client.max_queued_messages_set(_RECEIPTS_WAITING)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._lasting.on_connect = self._on_connect_lasting
        self._lasting.on_subscribe = self._on_subscribe
        for client in (self._lasting, self._client):  # stored switches must come before new ones
            self._subscribed.clear()
            self._connect(client, parts, ca, timeout_s)

    def _connect(self, client: FastPahoClient, parts: SplitResult, ca: Path | None, timeout_s: float) -> None:
        where = self._where
        if parts.scheme == "mqtts":
            try:
                client.tls_set(str(ca) if ca else None)
            except OSError as error:
                raise BadFile(f"{ca}: {reason_of(error)}") from None
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
            raise BadFile(f"--broker {where}: no broker answers ({reason_of(error)})") from None
        client.loop_start()
        if not self._subscribed.wait(timeout_s):
            self._refused = "connected, but not let subscribe in time"
        if self._refused is not None:
            self.close()
            raise BadFile(f"--broker {where}: {self._refused}")

    def messages(self, wait_s: float) -> list[Arrived]:
        """Take messages that have arrived, one device after another. Waits up to `wait_s` seconds for the first.

        Raises:
            BadFile: the broker refused the gateway when it reconnected.
        """
        if self._refused is not None:
            raise BadFile(f"--broker {self._where}: {self._refused}")
        return self._queue.take(wait_s, _A_TURN)

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1, not retained. Does not block."""
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
        """Take a switch from the persistent session.

        It is obeyed only if its device has sent no switch since the main session subscribed. New switches arrive here
        too and are left to the main session. amqtt marks stored messages as retained.
        """
        device = self._topics.device_of(topic)[:MAX_TOPIC_BYTES]
        with self._telling:
            if device not in self._told and (not retained or says_off(payload)):
                self._queue.put(device, topic[:MAX_TOPIC_BYTES], payload, urgent=True, late=True)

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        asks, switch = self._topics.is_watermark(topic), self._topics.is_mute(topic)
        device = self._topics.device_of(topic)[:MAX_TOPIC_BYTES]
        if switch:
            with self._telling:
                self._take_switch(device, topic, payload, retained)
            return
        if retained:
            return  # a retained message is old and may not be from its device
        if len(topic) > MAX_TOPIC_BYTES:
            topic, payload = topic[:MAX_TOPIC_BYTES], b""  # no topic of ours is that long; it is counted as unknown
        if topic == self._topics.stop_listening():
            device = _stopped(payload)  # queued behind the frames of its device
        self._queue.put(device, topic, payload, after_all=asks)

    def _take_switch(self, device: str, topic: str, payload: bytes, retained: bool) -> None:
        """Take a switch. Of retained switches only a switch to off is believed."""
        if retained and (device in self._told or not says_off(payload)):
            return
        if not retained:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told.add(device)
        self._queue.put(device, topic[:MAX_TOPIC_BYTES], payload, urgent=True, late=retained)


def _stopped(payload: bytes) -> str:
    try:
        return decode_json(payload, StopListening).site_id
    except WireError:
        return ""


def lasting_name(user: str | None, topics: Topics, key: bytes) -> str:
    """The client id of the persistent session: at most 23 letters and digits (OASIS MQTT 3.1.1, 3.1.3.1)."""
    whose = f"{user}\0{topics.device('+', 'mute')}".encode()
    return f"earlid{hmac.new(key, whose, hashlib.sha256).hexdigest()[:16]}"
