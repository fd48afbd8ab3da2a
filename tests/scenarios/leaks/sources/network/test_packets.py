"""Recorded connections: put together in order, opened by what was spoken."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import wsproto
import wsproto.events
from wsproto.extensions import PerMessageDeflate

from tests.scenarios.leaks.sources.conftest import EMAIL, FIELDS, NAME, TEXT


def ethernet(payload: bytes, sequence: int = 0, ports: tuple[int, int] = (80, 4000)) -> bytes:
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, 0, 0x50, 0x18, 8192, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\1") + tcp
    return b"\0" * 12 + b"\x08\0" + ip


def pcap(frames: list[bytes]) -> bytes:
    made = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    for frame in frames:
        made += struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame
    return made


def segments(data: bytes, size: int = 200, first: int = 4_294_967_000) -> list[bytes]:
    """Out of order, one of them twice, the numbers running over."""
    parts = [ethernet(data[at : at + size], (first + at) % 2**32) for at in range(0, len(data), size)]
    return [*parts[1:], parts[0], parts[-1]]


def answer(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body])


def test_a_compressed_answer_in_many_packets(seen: Callable[..., Any]) -> None:
    noise = random.Random(1).randbytes(1_000).hex().encode()
    body = gzip.compress(noise + TEXT.encode())
    found = seen(pcap(segments(answer(body, b"Content-Encoding: gzip") + answer(b"second " + NAME.encode()))))
    assert found.fields >= FIELDS
    assert found.unread == []
    assert seen(pcap(segments(answer(gzip.compress(b"nothing"))))).fields == set()


def test_chunks_and_bare_deflate(seen: Callable[..., Any]) -> None:
    packed = zlib.compress(TEXT.encode() * 3)[2:-4]
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(packed[at : at + 30]), packed[at : at + 30]) for at in range(0, len(packed), 30)
    )
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: deflate\r\n\r\n"
    assert seen(pcap(segments(head + chunks + b"0\r\n\r\n"))).fields >= FIELDS


def test_a_missing_packet_is_noted(seen: Callable[..., Any]) -> None:
    parts = segments(answer(TEXT.encode() * 20))
    found = seen(pcap(parts[:1] + parts[3:]))
    assert ("pcap", "damaged") in found.unread


def test_websocket_messages_masked_and_compressed(seen: Callable[..., Any]) -> None:
    client = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    sent = client.send(wsproto.events.Request(host="h", target="/", extensions=[PerMessageDeflate()]))
    accepted = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    key = next(line.split(b": ")[1] for line in sent.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    import base64
    import hashlib

    token = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
    client.receive_data(accepted % token)
    list(client.events())
    for text in ("nothing", TEXT, f"once more {EMAIL}"):
        sent += client.send(wsproto.events.TextMessage(data=text))
    assert seen(pcap(segments(sent))).fields >= FIELDS


def test_mqtt_topics_and_payloads(seen: Callable[..., Any]) -> None:
    connect = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc"
    topic, payload = b"homes/x", TEXT.encode()
    publish = b"\x30" + bytes([2 + len(topic) + len(payload)]) + struct.pack(">H", len(topic)) + topic + payload
    found = seen(pcap(segments(connect + publish)))
    assert found.fields >= FIELDS
    assert any("mqtt" in how for how in found.how)


def test_an_encrypted_connection_is_noted(seen: Callable[..., Any]) -> None:
    assert ("tls", "encrypted") in seen(pcap([ethernet(b"\x16\x03\x01\x00\x05hello")])).unread
