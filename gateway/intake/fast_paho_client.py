"""A paho client that reads its socket in large pieces, and parses PUBLISH packets itself.

paho makes four system calls a message and works about 0.1 ms on each. Under a flood it reads more slowly than the
broker sends. The broker's queue then fills, and the broker drops messages of any device. This client reads faster than
a broker sends, so the gateway can choose whose messages to drop.
"""

import ssl
import struct
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

_PIECE = 256 * 1024
_AT_ONCE = 2_000  # packets before writing has its turn
_PUBLISH, _PUBACK = 0x30, 0x40
_QOS_2, _QOS_1, _RETAIN = 0x04, 0x02, 0x01

Taker = Callable[[str, bytes, bool], None]


class FastPahoClient(mqtt.Client):
    """A paho client for MQTT 3.1.1 that hands each message to `taker`.

    `taker` gets (topic, payload, retained) on the network thread. It must be fast and must not raise. `lasting` is a
    client id: with it the broker stores messages while this client is away.
    """

    def __init__(self, taker: Taker, *, lasting: str = "") -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2, client_id=lasting, clean_session=not lasting, protocol=mqtt.MQTTv311
        )
        self._taker = taker
        self.on_message = self._take_whole

    def _create_socket(self) -> Any:  # paho has no public way to replace its socket
        return BufferedSocket(super()._create_socket())

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read packets while the buffer holds any. All QoS 1 messages of one call are acknowledged together."""
        acks: list[int] = []
        with self._msgtime_mutex:  # else paho takes the broker for dead while its ping is in our buffer
            self._last_bytes_received = time.monotonic()
        try:
            return self._read(max_packets, acks)
        finally:
            if acks and self._sock is not None:
                self._packet_queue(_PUBACK, b"".join(struct.pack(">BBH", _PUBACK, 2, mid) for mid in acks), 0, 1)

    def _read(self, max_packets: int, acks: list[int]) -> MQTTErrorCode:
        for number in range(_AT_ONCE):
            line = self._sock
            if not isinstance(line, BufferedSocket):
                return super().loop_read(max_packets)  # there is no connection
            if not line.held:
                if number:
                    break
                line.fill()
            if not self._in_packet["command"] and self._take_publish(line, acks):
                continue
            done = self._packet_read()  # one packet; also handles a partial packet and the end of the connection
            if done > 0:
                return self._loop_rc_handle(done)
            if done == MQTTErrorCode.MQTT_ERR_AGAIN:
                break
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _take_publish(self, line: "BufferedSocket", acks: list[int]) -> bool:
        """Take one whole PUBLISH packet from the buffer (MQTT 3.1.1, 3.3). False if there is none."""
        found = line.packet()
        if found is None:
            return False
        first, at, end = found
        if first & 0xF0 != _PUBLISH or first & _QOS_2 or end - at < 2:
            return False
        topic = at + 2
        body = topic_end = topic + (line.piece[at] << 8 | line.piece[at + 1])
        if first & _QOS_1:
            body += 2
        if body > end:
            return False  # malformed: paho ends the connection
        if first & _QOS_1:
            acks.append(line.piece[topic_end] << 8 | line.piece[topic_end + 1])
        line.at = end
        self._tell(line.piece[topic:topic_end], line.piece[body:end], retained=bool(first & _RETAIN))
        return True

    def _take_whole(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        """Take a message that paho read itself because its packet came in pieces."""
        self._tell(message._topic, bytes(message.payload), retained=message.retain)

    def _tell(self, topic: bytes, payload: bytes, *, retained: bool) -> None:
        try:
            name = str(topic, "utf-8")
        except UnicodeDecodeError:
            return  # not a topic (1.5.3)
        self._taker(name, payload, retained)


class BufferedSocket:
    """A socket that reads in large pieces. `piece` is the last piece, `at` its first unread byte."""

    def __init__(self, sock: Any) -> None:
        self._sock, self.piece, self.at = sock, b"", 0

    @property
    def held(self) -> int:
        return len(self.piece) - self.at

    def fill(self) -> None:
        """Read once from the system. An error is ignored here because the next `recv` meets it again."""
        try:
            self.piece, self.at = self._sock.recv(_PIECE), 0
        except (OSError, ssl.SSLError):
            return

    def packet(self) -> tuple[int, int, int] | None:
        """(first byte, start of the body, end) of the next MQTT packet (2.2.3). None while it is not complete."""
        data, at, size = self.piece, self.at + 1, 0
        for shift in (0, 7, 14, 21):
            if at >= len(data):
                return None
            byte, at = data[at], at + 1
            size |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (data[self.at], at, at + size) if at + size <= len(data) else None
        return None

    def recv(self, size: int) -> bytes:
        if not self.held:
            self.piece, self.at = self._sock.recv(_PIECE), 0
        taken: bytes = self.piece[self.at : self.at + size]
        self.at += len(taken)
        return taken

    def pending(self) -> int:
        """Bytes that can be read without a system call. paho asks for this before it waits."""
        below = self._sock.pending() if hasattr(self._sock, "pending") else 0
        return self.held + int(below)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
