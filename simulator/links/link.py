"""Links from devices and the assistant to a gateway: in memory, or over an MQTT broker."""

import secrets
import ssl
import threading
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import reason_of
from gateway.wire import Receipt, Topics, WireError, decode_json

_LOOK_UP_S = 0.25  # seconds between two checks while waiting
_GOODBYE_S = 2.0
_ASK_AGAIN_S = 2.0  # seconds; a question is lost if broker or gateway has just died

Message = tuple[str, bytes]
Answer = tuple[str, Receipt]  # site id, receipt


class LinkError(RuntimeError):
    """The other side cannot be reached or stopped answering. Its text is one line."""


class BadAddress(LinkError):
    """A broker URL that is none. The user has to mend it."""


class Link(Protocol):
    """Sends messages and returns receipts."""

    def send(self, topic: str, payload: bytes) -> None:
        """Publish a message. It may wait while too many are unacknowledged. It never waits for a receipt."""

    def drain(self) -> list[Answer]:
        """Wait until the gateway has settled everything sent. Returns the receipts since the last drain."""

    def close(self) -> None: ...


class MemoryLink:
    """A gateway in the same process: `handler` takes a message and returns what the gateway publishes in answer."""

    def __init__(self, handler: Callable[[str, bytes], list[Message]], topic_root: str = "") -> None:
        self._handler = handler
        self._topics = Topics(topic_root)
        self._token = secrets.token_hex(8)
        self._answers: list[Message] = []

    def send(self, topic: str, payload: bytes) -> None:
        self._answers += self._handler(topic, payload)

    def drain(self) -> list[Answer]:
        self.send(self._topics.watermark("ask", self._token), b"{}")
        answers, self._answers = self._answers, []
        if all(topic != self._topics.watermark("reached", self._token) for topic, _ in answers):
            raise LinkError("the gateway in memory does not answer the watermark")
        return receipts_in(answers, self._topics)

    def close(self) -> None:
        self._answers.clear()

    def talker(self) -> Link:
        """A link for the assistant to the same gateway. It takes no receipts."""
        return _Talker(self)


class _Talker:
    def __init__(self, link: MemoryLink) -> None:
        self._link = link

    def send(self, topic: str, payload: bytes) -> None:
        self._link.send(topic, payload)

    def drain(self) -> list[Answer]:
        return []

    def close(self) -> None:
        """The link it talks over is closed by whoever opened it."""


class MqttLink:
    """One connection to a broker with QoS 1 and a bounded number of unacknowledged messages.

    After a broker restart it reconnects and sends unacknowledged messages again. A watermark question that was lost is
    asked again.

    Args:
        url: mqtt://host:port (1883 when left out) or mqtts:// (8883); credentials come as arguments, never in the URL.
        listens: subscribe to receipts and drain to the gateway's watermark. A link that only talks (the
            assistant's) drains to the broker's acknowledgements.
        timeout_s: how long the broker may take for a connection or an acknowledgement.
        drain_s: how long the gateway may take to settle everything sent.
        tls: whom to trust over mqtts://; the system's certificates without it.
        while_waiting: called a few times a second in any wait; may raise to give up early.

    Raises:
        LinkError: the URL is not valid, no broker answers, or the broker refuses.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        topic_root: str = "",
        listens: bool = True,
        timeout_s: float = 10.0,
        drain_s: float = 120.0,
        in_flight: int = 64,
        while_waiting: Callable[[], None] = lambda: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        host, port, secure = address(url)
        self._name = f"{'mqtts' if secure else 'mqtt'}://{host}:{port}"
        self._topics = Topics(topic_root)
        self._token = secrets.token_hex(8)
        self._listens = listens
        self._timeout_s, self._drain_s, self._in_flight = timeout_s, drain_s, in_flight
        self._while_waiting = while_waiting
        self._changed = threading.Condition()  # guards everything below, which the network thread writes
        self._ready = False
        self._refused: str | None = None
        self._under_way = 0
        self._asked = 0
        self._reached = 0  # the last question answered
        self._receipts: list[Message] = []
        self._quiet_since: float | None = None  # since when the gateway is waited for and says nothing
        self._silence_s = 0.0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self._client.max_inflight_messages_set(in_flight)
        self._client.reconnect_delay_set(1, 5)
        self._client.username_pw_set(username, password)
        if secure:
            self._client.tls_set_context(tls or ssl.create_default_context())
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._connect(host, port)

    def send(self, topic: str, payload: bytes) -> None:
        if self._under_way >= self._in_flight:
            # wake the sender only at half, so that it does not wake for every message
            half = self._in_flight // 2
            self._wait(lambda: self._under_way <= half, self._timeout_s, "the broker does not acknowledge")
        with self._changed:
            if self._refused is not None:
                raise LinkError(f"{self._name}: {self._refused}")
            self._under_way += 1
        self._client.publish(topic, payload, qos=1, retain=self._topics.retains(topic, payload))

    def drain(self) -> list[Answer]:
        self._wait(lambda: self._under_way == 0, self._timeout_s, "the broker does not acknowledge")
        if not self._listens:
            return []
        self._asked += 1
        began = time.monotonic()
        with self._changed:
            self._quiet_since = began
        until = began + self._drain_s
        while True:
            self.send(self._topics.watermark("ask", f"{self._token}-{self._asked}"), b"{}")
            left = until - time.monotonic()
            if self._comes_true(lambda: self._reached >= self._asked, min(left, _ASK_AGAIN_S)):
                break
            if left <= _ASK_AGAIN_S:
                raise LinkError(f"{self._name}: no gateway answers the watermark (waited {self._drain_s:g} s)")
        with self._changed:
            answers, self._receipts = self._receipts, []
            self._quiet_since = None
        return receipts_in(answers, self._topics)

    @property
    def silence_s(self) -> float:
        """The longest time for which the gateway said nothing while `drain` waited for it."""
        return self._silence_s

    def close(self) -> None:
        """Disconnect after all messages were acknowledged. The last one may clear a retained message."""
        until = time.monotonic() + _GOODBYE_S
        with self._changed:
            while self._under_way > 0 and self._client.is_connected() and time.monotonic() < until:
                self._changed.wait(_LOOK_UP_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _connect(self, host: str, port: int) -> None:
        try:
            self._client.connect(host, port, keepalive=30)
        except ssl.SSLError as error:
            raise LinkError(f"{self._name}: no trust in this broker ({error.reason or 'TLS'})") from None
        except OSError as error:
            raise LinkError(f"{self._name}: no broker answers ({reason_of(error)})") from None
        self._client.loop_start()
        try:
            self._wait(lambda: self._ready, self._timeout_s, "the broker does not let us in")
        except LinkError:
            self.close()
            raise

    def _wait(self, done: Callable[[], bool], timeout_s: float, otherwise: str) -> None:
        if not self._comes_true(done, timeout_s):
            raise LinkError(f"{self._name}: {otherwise} (waited {timeout_s:g} s)")

    def _comes_true(self, done: Callable[[], bool], timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        with self._changed:
            while not done():
                if self._refused is not None:
                    raise LinkError(f"{self._name}: {self._refused}")
                self._while_waiting()
                left = until - time.monotonic()
                if not self._changed.wait(max(0.0, min(left, _LOOK_UP_S))) and left <= _LOOK_UP_S:
                    return done()
            return True

    def _on_connect(self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, *_: object) -> None:
        if code.is_failure:
            self._note_refusal(f"the broker refuses the connection ({str(code).lower()})")
        elif self._listens:
            wanted = [self._topics.device("+", "receipt"), self._topics.watermark("reached", "+")]
            client.subscribe([(topic, 1) for topic in wanted])
        else:
            self._note_ready()

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, codes: list[ReasonCode], *_: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._note_refusal("the broker does not let us subscribe to receipts")
        else:
            self._note_ready()

    def _note_refusal(self, why: str) -> None:
        with self._changed:
            self._refused = why
            self._changed.notify_all()

    def _note_ready(self) -> None:
        with self._changed:
            self._ready = True
            self._changed.notify_all()

    def _on_publish(self, _client: mqtt.Client, _data: object, _mid: int, *_: object) -> None:
        with self._changed:
            self._under_way -= 1
            if self._under_way in (0, self._in_flight // 2):
                self._changed.notify_all()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._changed:
            if self._quiet_since is not None:
                now = time.monotonic()
                self._silence_s, self._quiet_since = max(self._silence_s, now - self._quiet_since), now
            token, _, number = message.topic.rsplit("/", 1)[1].rpartition("-")
            if message.topic == self._topics.watermark("reached", f"{token}-{number}"):
                if token == self._token:
                    self._reached = max(self._reached, int(number))
                    self._changed.notify_all()
            else:
                self._receipts.append((message.topic, bytes(message.payload)))


def receipts_in(messages: list[Message], topics: Topics) -> list[Answer]:
    """The receipts among the messages. Messages of another shape are ignored."""
    found: list[Answer] = []
    for topic, payload in messages:
        levels = topics.split(topic)
        if len(levels) == 3 and levels[0] == "earlid" and levels[2] == "receipt":
            try:
                found.append((levels[1], decode_json(payload, Receipt)))
            except WireError:
                continue
    return found


def address(url: str) -> tuple[str, int, bool]:
    """(host, port, TLS) of a broker URL. Raises BadAddress if the URL is not valid."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"mqtt": 1883, "mqtts": 8883}.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.username or parts.path not in ("", "/"):
        raise BadAddress("broker: mqtt://host:port is wanted (or mqtts://), without user, password or path")
    return parts.hostname, port, parts.scheme == "mqtts"
