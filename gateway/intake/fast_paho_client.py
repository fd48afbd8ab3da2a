"""A paho client that reads its socket in large pieces, and takes PUBLISH packets in past paho's own way.

paho asks the system four times a message and works on each for a tenth of a millisecond: under a flood it takes in
fewer messages than a broker sends, the broker's queue for us fills, and it then drops whatever comes next, whoever
sent it. Only who reads faster than a broker sends can choose whose messages to let go of.
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
    """As paho's own, speaking MQTT 3.1.1, but for what is published to us: `taker` gets topic and payload of every
    message, and whether it is a retained one, on the network thread; it must be quick and never raise. With `lasting`,
    an id of its own, the broker keeps for it what is published while it is away."""

    def __init__(self, taker: Taker, *, lasting: str = "") -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2, client_id=lasting, clean_session=not lasting, protocol=mqtt.MQTTv311
        )
        self._taker = taker
        self.on_message = self._take_whole

    def _create_socket(self) -> Any:  # no public place to put a socket of one's own
        return BufferedSocket(super()._create_socket())

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read packets while any is in the buffer; what was published at least once is acknowledged in one go."""
        acks: list[int] = []
        with self._msgtime_mutex:  # else paho takes a broker for dead whose ping stands behind what we read
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
            done = self._packet_read()  # one packet; also where one has not wholly come, or the line has ended
            if done > 0:
                return self._loop_rc_handle(done)
            if done == MQTTErrorCode.MQTT_ERR_AGAIN:
                break
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _take_publish(self, line: "BufferedSocket", acks: list[int]) -> bool:
        """Whether the buffer began with a whole PUBLISH (OASIS MQTT 3.1.1, 3.3), which is then taken out of it."""
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
        """What paho read: packets that came in pieces."""
        self._tell(message._topic, bytes(message.payload), retained=message.retain)

    def _tell(self, topic: bytes, payload: bytes, *, retained: bool) -> None:
        try:
            name = str(topic, "utf-8")
        except UnicodeDecodeError:
            return  # not a topic (1.5.3)
        self._taker(name, payload, retained)


class BufferedSocket:
    """A socket whose `recv` is served from one larger `recv` before: from `at` on, `piece` has not been asked for."""

    def __init__(self, sock: Any) -> None:
        self._sock, self.piece, self.at = sock, b"", 0

    @property
    def held(self) -> int:
        return len(self.piece) - self.at

    def fill(self) -> None:
        """Ask the system once; whatever goes wrong then, the next `recv` meets as well."""
        try:
            self.piece, self.at = self._sock.recv(_PIECE), 0
        except (OSError, ssl.SSLError):
            return

    def packet(self) -> tuple[int, int, int] | None:
        """Of the MQTT packet that comes next: its first byte, where its body begins, where it ends (2.2.3). None while
        it is not whole."""
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
        """Bytes for which the system need not be asked; paho looks before it waits."""
        below = self._sock.pending() if hasattr(self._sock, "pending") else 0
        return self.held + int(below)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
