"""A device's connection against a scripted broker: let in, refused, cut off, silent."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.wire import Receipt, Topics, encode_json
from loadtests.devices.connection import GreenLink
from simulator.links.link import LinkError
from simulator.links.mqtt_packets import CONNACK, PUBLISH, publish, published, take
from simulator.links.swarm import Account

Script = Callable[[socket.socket, int, int, bytes], bool]  # answers one packet; False hangs up
WELCOME, TAKEN = b"\x20\x02\x00\x00", b"\x90\x03\xff\xff\x01"


@pytest.fixture
def broker() -> Iterator[Callable[[Script], str]]:
    doors: list[socket.socket] = []

    def begin(script: Script) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        doors.append(door)
        threading.Thread(target=_serve, args=(door, script), daemon=True).start()
        return f"mqtt://127.0.0.1:{door.getsockname()[1]}"

    yield begin
    for door in doors:
        door.close()


def _serve(door: socket.socket, script: Script) -> None:
    client, _ = door.accept()
    buffer = bytearray()
    with client:
        while data := client.recv(65_536):
            buffer += data
            while (packet := take(buffer)) is not None:
                if not script(client, *packet):
                    return


def _polite(client: socket.socket, kind: int, flags: int, body: bytes) -> bool:
    """Lets in, acknowledges, and answers a session's end with a receipt."""
    if kind == CONNACK - 1:
        client.sendall(WELCOME)
    elif kind == 8:
        client.sendall(TAKEN)
    elif kind == PUBLISH:
        topic, _payload, number = published(flags, body)
        client.sendall(struct.pack(">BBH", 0x40, 2, number))
        if topic.endswith("/session/end"):
            told = Receipt(session_id="s1", outcome="kept", reason="wake_word")
            client.sendall(publish(Topics().device("site", "receipt"), encode_json(told), 9))
    return True


def test_a_receipt_comes_to_who_waits(broker: Callable[[Script], str]) -> None:
    link = GreenLink(broker(_polite), Account(site_id="site"))
    link.expect("s1")
    link.send("earlid/site/session/end", b"{}")
    assert link.drain() == []
    told = link.receipt("s1", 5)
    assert told is not None
    assert (told[0].outcome, b"wake_word" in told[1]) == ("kept", True)
    link.close()


def test_no_receipt_in_time_is_none(broker: Callable[[Script], str]) -> None:
    link = GreenLink(broker(_polite), Account(site_id="site"))
    link.expect("another")
    link.send("earlid/site/session/end", b"{}")
    assert link.receipt("another", 0.2) is None
    link.close()


def test_a_refusal_is_said(broker: Callable[[Script], str]) -> None:
    def refusing(client: socket.socket, *_packet: object) -> bool:
        client.sendall(b"\x20\x02\x00\x05")
        return True

    with pytest.raises(LinkError, match=r"refuses a device \(code 5\)"):
        GreenLink(broker(refusing), Account(site_id="site", username="u", password="p"))


def test_who_waits_hears_that_the_connection_is_gone(broker: Callable[[Script], str]) -> None:
    def cut_off(client: socket.socket, kind: int, flags: int, body: bytes) -> bool:
        return kind != PUBLISH and _polite(client, kind, flags, body)

    link = GreenLink(broker(cut_off), Account(site_id="site"))
    link.expect("s1")
    link.send("earlid/site/session/end", b"{}")
    with pytest.raises(LinkError, match=r"closed the connection|is gone"):
        link.receipt("s1", 5)
    with pytest.raises(LinkError):
        link.send("earlid/site/session/end", b"{}")
    link.close()


def test_silence_and_an_empty_port_are_said(broker: Callable[[Script], str]) -> None:
    with pytest.raises(LinkError, match="does not let a device in"):
        GreenLink(broker(lambda *_packet: True), Account(site_id="site"), timeout_s=0.2)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(LinkError, match="no broker answers"):
        GreenLink(f"mqtt://127.0.0.1:{port}", Account(site_id="site"))
