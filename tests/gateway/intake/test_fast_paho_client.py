"""One large read serves many small ones; what is published arrives whole, in order and once, however it is cut up."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import MQTTErrorCode

from gateway.intake.fast_paho_client import BufferedSocket, FastPahoClient

Told = list[tuple[str, bytes, bool]]
PINGRESP = b"\xd0\x00"


@given(st.binary(min_size=1, max_size=2_000), st.lists(st.integers(1, 300), min_size=1, max_size=50))
def test_the_bytes_are_the_same_however_they_are_asked_for(data: bytes, sizes: list[int]) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.close()
        line, got = BufferedSocket(here), b""
        for size in sizes + [700] * 5:
            piece = line.recv(size)
            assert len(piece) <= size
            got += piece
        assert got == data[: len(got)]
        assert line.pending() == line.held == 0 or len(got) < len(data)
        assert line.recv(1) == data[len(got) : len(got) + 1]


def test_what_is_held_is_told_before_anybody_waits() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"abcdef")
        line = BufferedSocket(here)
        assert line.pending() == 0
        assert line.recv(2) == b"ab"
        assert line.pending() == 4
        assert line.fileno() == here.fileno()
        here.setblocking(False)
        assert line.recv(9) == b"cdef"
        with pytest.raises(BlockingIOError):
            line.recv(1)


@contextmanager
def connected() -> Iterator[tuple[FastPahoClient, socket.socket, Told]]:
    """A client whose broker is the other end of a socket, and what it was told."""
    told: Told = []
    client = FastPahoClient(lambda *message: told.append(message))
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        client._sock = BufferedSocket(here)
        yield client, there, told


def publish(topic: bytes, payload: bytes, *, mid: int | None = None, retained: bool = False) -> bytes:
    body = struct.pack(">H", len(topic)) + topic + (struct.pack(">H", mid) if mid else b"") + payload
    length, left = b"", len(body)
    while left or not length:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
    return bytes([0x30 | (2 if mid else 0) | retained]) + length + body


MESSAGES = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=12),
        st.one_of(st.binary(max_size=40), st.integers(100, 400).map(bytes)),
        st.none() | st.integers(1, 65_535),
        st.booleans(),
    ),
    max_size=12,
)


@given(MESSAGES, st.lists(st.integers(1, 400), max_size=30), st.booleans())
def test_every_message_arrives_once_in_order_and_is_acknowledged(
    messages: list[tuple[str, bytes, int | None, bool]], cuts: list[int], pings: bool
) -> None:
    data = b""
    for topic, payload, mid, retained in messages:
        data += publish(topic.encode("utf-8", "replace"), payload, mid=mid, retained=retained) + PINGRESP * pings
    with connected() as (client, broker, told):
        for cut in [*cuts, len(data)]:
            broker.sendall(data[:cut])
            data = data[cut:]
            while client._sock is not None and client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if not client._sock.pending():  # type: ignore[attr-defined]
                    break
        client.loop_write()
        broker.setblocking(False)
        wanted = b"".join(struct.pack(">BBH", 0x40, 2, mid) for _, _, mid, _ in messages if mid)
        assert (broker.recv(len(wanted) + 1) if wanted else b"") == wanted
    assert told == [
        (topic.encode("utf-8", "replace").decode(), payload, retained) for topic, payload, _, retained in messages
    ]


def test_a_topic_that_is_no_text_is_nobodys() -> None:
    with connected() as (client, broker, told):
        broker.sendall(publish(b"\xff\xfe", b"x") + publish(b"fine", b"y"))
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert told == [("fine", b"y", False)]


@pytest.mark.parametrize(
    "packet", [b"\x30\x03\x00\x09a", b"\x32\x04\x00\x01ab", b"\x30\x01\x00", b"\x30\xff\xff\xff\xff\x01"]
)
def test_a_packet_that_cannot_be_ends_the_connection_and_takes_nothing_from_the_next(packet: bytes) -> None:
    with connected() as (client, broker, told):
        broker.sendall(packet + publish(b"next", b"y"))
        assert client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS
    assert told == []


def test_a_line_that_ends_is_noticed() -> None:
    with connected() as (client, broker, told):
        broker.sendall(publish(b"last", b"y"))
        broker.close()
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_CONN_LOST
    assert told == [("last", b"y", False)]


def test_a_broker_that_only_publishes_is_not_taken_for_dead() -> None:
    """Its answer to our ping stands behind what it publishes; paho's clock must see that bytes come."""
    with connected() as (client, broker, _):
        client._last_bytes_received = 0.0
        broker.sendall(publish(b"t", b"x") * 3)
        client.loop_read()
        assert client._last_bytes_received > 0
