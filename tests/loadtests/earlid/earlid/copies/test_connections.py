"""A connection that no watch knows is noted; a known or an allowed one is not."""

import asyncio
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from earlid.copies.connections import Unwatched, is_known, known, watch_connections

noted: list[Unwatched] = []


def _note(made: Any, address: Any) -> None:
    for each in noted:
        each.note(made, address)


watch_connections(_note)


@pytest.fixture
def unwatched() -> Iterator[Unwatched]:
    made = Unwatched()
    noted.append(made)
    yield made
    noted.remove(made)


@pytest.fixture
def door() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def _connect(door: Any) -> None:
    socket.create_connection(door).close()


async def _by_asyncio(door: Any) -> None:
    _reader, writer = await asyncio.open_connection(*door)
    writer.close()


def test_a_raw_connection_is_noted_with_its_address(unwatched: Unwatched, door: Any) -> None:
    _connect(door)
    assert list(unwatched.addresses) == [f"127.0.0.1:{door[1]}"]


def test_one_of_an_event_loop_is_noted(unwatched: Unwatched, door: Any) -> None:
    asyncio.run(_by_asyncio(door))
    assert list(unwatched.addresses) == [f"127.0.0.1:{door[1]}"]


def test_one_that_does_not_wait_and_one_with_tls_are_noted(unwatched: Unwatched, door: Any) -> None:
    with socket.socket() as made:
        made.connect_ex(door)
    assert list(unwatched.addresses) == [f"127.0.0.1:{door[1]}"]
    unwatched.addresses.clear()
    context = ssl.create_default_context()
    with context.wrap_socket(socket.socket(), server_hostname="h", do_handshake_on_connect=False) as packed:
        packed.connect(door)
    assert list(unwatched.addresses) == [f"127.0.0.1:{door[1]}"]


def test_under_gevent_those_of_both_classes_of_sockets_are_noted(door: Any) -> None:
    source = """
import socket, sys
before = socket.socket
from gevent import monkey
monkey.patch_all()
from earlid.copies.connections import UNWATCHED, watch_connections
watch_connections()
for made in (before(), socket.socket()):
    UNWATCHED.addresses.clear()
    made.connect(("127.0.0.1", int(sys.argv[1])))
    print(*UNWATCHED.addresses)
"""
    ran = subprocess.run([sys.executable, "-c", source, str(door[1])], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [f"127.0.0.1:{door[1]}"] * 2


def test_one_of_a_watched_client_is_not(unwatched: Unwatched, door: Any) -> None:
    with known():
        assert is_known()
        _connect(door)
        with known(is_watched=False):
            assert is_known(), "what is inside of a known client stays known"
    assert not is_known()
    with known(is_watched=False):
        assert not is_known()
    assert not unwatched.addresses


def test_one_whose_answers_come_another_way_is_not(unwatched: Unwatched, door: Any) -> None:
    unwatched.allow("localhost", door[1])
    _connect(door)
    assert not unwatched.addresses


def test_datagrams_are_no_answers(unwatched: Unwatched) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", 9))
    assert not unwatched.addresses


def test_a_socket_of_this_machine_is_noted_without_its_path(unwatched: Unwatched, tmp_path: Any) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "of a person.sock"))
        server.listen()
        client.connect(str(tmp_path / "of a person.sock"))
    assert list(unwatched.addresses) == ["a socket on this machine"]
