"""The MQTT session: what arrives goes, in order, into a bounded queue; nothing is decided on the network thread."""

import os
import queue
import threading
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile
from gateway.wire import Topics

_QUEUE_MESSAGES = 20_000
Message = tuple[str, bytes]


class Ingest:
    """One connection to a broker.

    `url` is mqtt://[user[:password]@]host[:port] or mqtts://...; a password may also stand in the environment
    variable EARLID_MQTT_PASSWORD, where other users of the machine cannot see it.

    Raises:
        BadFile: the URL is not one, or no broker answers within `timeout_s`.
    """

    def __init__(self, url: str, topics: Topics, *, timeout_s: float = 10.0) -> None:
        self._topics = topics
        self._queue: queue.Queue[Message] = queue.Queue(_QUEUE_MESSAGES)
        self._subscribed = threading.Event()
        self._refused: str | None = None
        self.overflowed = 0
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise BadFile("--broker: mqtt://host:port or mqtts://host:port is wanted")
        where = f"{parts.hostname}:{parts.port or (8883 if parts.scheme == 'mqtts' else 1883)}"
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        if parts.username:
            password = unquote(parts.password) if parts.password else os.environ.get("EARLID_MQTT_PASSWORD")
            self._client.username_pw_set(unquote(parts.username), password)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        try:
            self._client.connect(parts.hostname, int(where.rsplit(":", 1)[1]), keepalive=30)
        except OSError as error:
            raise BadFile(f"--broker {where}: no broker answers ({error.strerror or type(error).__name__})") from None
        self._client.loop_start()
        if not self._subscribed.wait(timeout_s):
            self._refused = "connected, but not let subscribe in time"
        if self._refused is not None:
            self.close()
            raise BadFile(f"--broker {where}: {self._refused}")

    def messages(self, wait_s: float) -> Iterator[Message]:
        """What has arrived: waits up to `wait_s` for the first, then drains without waiting."""
        try:
            yield self._queue.get(timeout=wait_s)
            while True:
                yield self._queue.get_nowait()
        except queue.Empty:
            return

    def publish(self, topic: str, payload: bytes) -> None:
        """QoS 1, never retained; never waits."""
        self._client.publish(topic, payload, qos=1, retain=False)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, _userdata: object, _flags: object, code: ReasonCode, *_: object) -> None:
        if code.is_failure:
            self._refused = f"refused ({code})"
            self._subscribed.set()
            return
        client.subscribe([(topic, 1) for topic in self._topics.for_gateway()])

    def _on_subscribe(
        self, _client: mqtt.Client, _userdata: object, _mid: int, codes: list[ReasonCode], *_: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._refused = "not allowed to subscribe"
        self._subscribed.set()

    def _on_message(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            self._queue.put_nowait((message.topic, bytes(message.payload)))
        except queue.Full:
            self.overflowed += 1  # the session it belonged to ends with a gap, and its device sends it again
