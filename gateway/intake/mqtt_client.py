"""The MQTT session: what arrives goes, in order, into a bounded inbox; nothing is decided on the network thread."""

import os
import ssl
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile
from gateway.intake.fair_queue import Arrived, FairQueue
from gateway.intake.fast_paho_client import FastPahoClient
from gateway.wire import MAX_TOPIC_BYTES, Topics

_FOR_GOOD = (0x86, 0x87)  # bad user name or password, not authorised: asking again does not help
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
        self._where = where = f"{parts.hostname}:{parts.port or (8883 if parts.scheme == 'mqtts' else 1883)}"
        self._client = FastPahoClient(self._take)
        if parts.scheme == "mqtts":
            try:
                self._client.tls_set(str(ca) if ca else None)
            except OSError as error:
                raise BadFile(f"{ca}: {error.strerror or type(error).__name__}") from None
        if parts.username:
            password = unquote(parts.password) if parts.password else os.environ.get("EARLID_MQTT_PASSWORD")
            self._client.username_pw_set(unquote(parts.username), password)
        self._client.max_inflight_messages_set(_RECEIPTS_UNDER_WAY)
        self._client.max_queued_messages_set(_RECEIPTS_WAITING)
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        try:
            self._client.connect(parts.hostname, int(where.rsplit(":", 1)[1]), keepalive=30)
        except ssl.SSLError:
            raise BadFile(f"--broker {where}: its certificate is not one we trust; --ca names another") from None
        except OSError as error:
            raise BadFile(f"--broker {where}: no broker answers ({error.strerror or type(error).__name__})") from None
        self._client.loop_start()
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
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, _userdata: object, _flags: object, code: ReasonCode, *_: object) -> None:
        if code.is_failure:
            if not self._subscribed.is_set() or code.value in _FOR_GOOD:
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

    def _take(self, topic: str, payload: bytes) -> None:
        asks, switch = self._topics.is_watermark(topic), self._topics.is_mute(topic)
        device = self._topics.device_of(topic)[:MAX_TOPIC_BYTES]
        if len(topic) > MAX_TOPIC_BYTES:
            topic, payload = topic[:MAX_TOPIC_BYTES], b""  # none of ours: what is left of it is counted as unknown
        self._inbox.put(device, topic, payload, after_all=asks, urgent=switch)
