"""The MQTT 3.1.1 packets that a device needs. Numbers are sections of the OASIS standard of 29 October 2014."""

import struct

import msgspec

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13
_CLEAN_SESSION, _WILL, _WILL_QOS_1, _PASSWORD, _USERNAME = 0x02, 0x04, 0x08, 0x40, 0x80


class Will(msgspec.Struct, frozen=True, kw_only=True):
    """The message that the broker publishes when a device's connection breaks."""

    topic: str
    payload: bytes


def connect(client_id: str, username: str | None, password: str | None, will: Will | None, keepalive_s: int) -> bytes:
    """CONNECT (3.1) with a clean session: the broker stores nothing for a device that is away."""
    flags, fields = _CLEAN_SESSION, _text(client_id)
    if will is not None:
        flags |= _WILL | _WILL_QOS_1
        fields += _text(will.topic) + struct.pack(">H", len(will.payload)) + will.payload
    if username is not None:
        flags |= _USERNAME
        fields += _text(username)
    if password is not None:
        flags |= _PASSWORD
        fields += _text(password)
    return _packet(0x10, _text("MQTT") + struct.pack(">BBH", 4, flags, keepalive_s) + fields)


def publish(topic: str, payload: bytes, packet_id: int, *, retain: bool = False) -> bytes:
    """PUBLISH (3.3) with QoS 1."""
    return _packet(0x33 if retain else 0x32, _text(topic) + struct.pack(">H", packet_id) + payload)


def subscribe(topic: str, packet_id: int) -> bytes:
    """SUBSCRIBE (3.8) with QoS 1."""
    return _packet(0x82, struct.pack(">H", packet_id) + _text(topic) + b"\x01")


def puback(packet_id: int) -> bytes:
    """PUBACK (3.4)."""
    return struct.pack(">BBH", 0x40, 2, packet_id)


PINGREQ, DISCONNECT = b"\xc0\x00", b"\xe0\x00"  # 3.12, 3.14


def take(buffer: bytearray) -> tuple[int, int, bytes] | None:
    """Take the first whole packet out of `buffer`: (kind, flags, body). None while it is not complete.

    Raises:
        ValueError: a length of more than four bytes (2.2.3).
    """
    length, shift, at = 0, 0, 1
    while True:
        if at >= len(buffer):
            return None
        length |= (buffer[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not buffer[at - 1] & 0x80:
            break
        if shift > 21:
            raise ValueError("a packet without end")
    if len(buffer) < at + length:
        return None
    kind, flags, body = buffer[0] >> 4, buffer[0] & 0x0F, bytes(buffer[at : at + length])
    del buffer[: at + length]
    return kind, flags, body


def published(flags: int, body: bytes) -> tuple[str, bytes, int | None]:
    """(topic, payload, packet id or None) of a PUBLISH body (3.3). A packet id needs an acknowledgement."""
    (size,) = struct.unpack_from(">H", body)
    topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
    if flags & 0x06:
        return topic, rest[2:], int(struct.unpack_from(">H", rest)[0])
    return topic, rest, None


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


def _packet(first: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while True:
        size, digit = divmod(size, 128)[0], size % 128
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes([first]) + bytes(length) + body
