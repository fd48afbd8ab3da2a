"""Slow and greedy clients, over real sockets: each waits for the server to hang up, never for a clock."""

import asyncio
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.server import ServerState

from gateway.listen import listen_loopback
from gateway.review.security import SecurityMiddleware, add_error_handlers
from gateway.review.serving.connections import Bounds, Connections, bounded_http

LONG = 30.0
QUICK = 0.2
BIG = 64 * 1024 * 1024


@contextmanager
def serving(bounds: Bounds, *, body_s: float = LONG, spared: tuple[Any, ...] = ()) -> Iterator[tuple[int, Connections]]:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def big(_request: Request) -> Response:
        return PlainTextResponse(bytes(BIG))

    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"]), Route("/big", big)])
    app.add_middleware(SecurityMiddleware, body_s=body_s)
    add_error_handlers(app)  # type: ignore[arg-type]
    known = Connections(bounds, spared)
    config = uvicorn.Config(app, http=bounded_http(known), ws="none", lifespan="off", log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    listener = listen_loopback(0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], known
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()


def connected(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.settimeout(20)
    return client


def hung_up(client: socket.socket) -> bool:
    """Blocks until the server ends the connection."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def asked(client: socket.socket, path: str = "/") -> bytes:
    client.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n0"):
        some = client.recv(4096)
        assert some, answer
        answer += some
    return answer


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nhost: a\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nx: "])
def test_a_header_that_does_not_come_ends_the_connection(sent: bytes) -> None:
    with serving(Bounds(header_s=QUICK)) as (port, known), connected(port) as client:
        client.sendall(sent)
        assert hung_up(client)
        assert len(known) == 0


def test_dripping_bytes_do_not_move_the_deadline_even_after_an_answered_request() -> None:
    with serving(Bounds(header_s=QUICK)) as (port, _), connected(port) as client:
        assert asked(client).startswith(b"HTTP/1.1 200")
        client.settimeout(0.01)
        for _ in range(2_000):  # some 20 s of one byte now and then, unless somebody hangs up
            try:
                client.sendall(b"G")
                if client.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("still connected")


@pytest.mark.parametrize(
    "framing", [b"content-length: 10\r\n\r\nabc", b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"]
)
def test_a_body_that_does_not_come_is_answered_and_the_connection_ends(framing: bytes) -> None:
    with serving(Bounds(header_s=QUICK), body_s=QUICK) as (port, _), connected(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nhost: a\r\n" + framing)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"connection: close" in answer.lower()
        assert b"content-security-policy" in answer


def test_who_takes_nothing_of_an_answer_is_dropped() -> None:
    with serving(Bounds(stalled_s=QUICK)) as (port, known), connected(port) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nhost: a\r\n\r\n")
        with connected(port) as other:  # asked until the first is gone; each answer is a turn of the server's loop
            assert asked(other).startswith(b"HTTP/1.1 200")
            while len(known) > 1:
                assert asked(other).startswith(b"HTTP/1.1 200")
        received = 0
        try:
            while some := client.recv(1 << 20):
                received += len(some)
        except ConnectionResetError:
            pass
        assert received < BIG


def test_a_full_address_loses_its_oldest_idle_connection_and_a_new_one_is_served() -> None:
    with serving(Bounds(header_s=LONG, of_an_address=3)) as (port, known):
        slow = [connected(port) for _ in range(3)]
        for each in slow:
            each.sendall(b"GET / HTT")
        with connected(port) as honest:
            assert asked(honest).startswith(b"HTTP/1.1 200")
            assert hung_up(slow[0])
            assert len(known) == 3
        for each in slow:
            each.close()


def test_all_addresses_together_are_bounded_too_and_a_proxys_own_count_is_not() -> None:
    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    with serving(Bounds(header_s=LONG, of_an_address=1, in_all=4), spared=loopback) as (port, known):
        idle = []
        for _ in range(6):
            idle.append(connected(port))
            assert asked(idle[-1]).startswith(b"HTTP/1.1 200")
        assert len(known) == 4
        assert hung_up(idle[0])
        for each in idle:
            each.close()


async def _asked_while_the_loop_is_late(client: socket.socket, *, late: bool) -> bytes:
    """A second request that arrives in the very turn in which the loop comes to the end of the idle time."""
    loop = asyncio.get_running_loop()
    config = uvicorn.Config(_echo, lifespan="off", log_config=None, timeout_keep_alive=QUICK)  # type: ignore[arg-type]
    config.load()
    make = bounded_http(Connections(Bounds()))
    listener = listen_loopback(0)
    server = await loop.create_server(
        lambda: make(config=config, server_state=ServerState(), app_state={}), sock=listener
    )
    client.connect(listener.getsockname())
    assert (await loop.run_in_executor(None, asked, client)).startswith(b"HTTP/1.1 200")
    if late:  # the next two timers are then due at once: this one, and after it the end of the idle time
        loop.call_later(0.001, client.sendall, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        loop.call_soon(time.sleep, 2 * QUICK)
    try:
        return await loop.run_in_executor(None, client.recv, 4096)
    except ConnectionResetError:
        return b""
    finally:
        client.close()
        server.close()


async def _echo(_scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("0")(_scope, receive, send)


def test_a_request_that_waits_unread_is_answered_though_the_idle_time_is_over() -> None:
    with socket.socket() as client:
        client.settimeout(20)
        assert asyncio.run(_asked_while_the_loop_is_late(client, late=True)).startswith(b"HTTP/1.1 200")


def test_an_idle_connection_ends_when_its_time_is_over() -> None:
    with socket.socket() as client:
        client.settimeout(20)
        assert asyncio.run(_asked_while_the_loop_is_late(client, late=False)) == b""


def test_a_full_address_does_not_lose_a_connection_whose_request_waits_unread() -> None:
    known = Connections(Bounds(of_an_address=2))
    asking, idle = Idle(has_unread=True), Idle(has_unread=False)
    for each in (asking, idle, Idle(has_unread=True)):
        assert known.admit(each, "192.0.2.1")  # type: ignore[arg-type]
    assert (asking.dropped, idle.dropped) == (False, True)
    known.leave(idle)  # type: ignore[arg-type]
    assert known.admit(Idle(has_unread=True), "192.0.2.1"), "a flood of first bytes keeps nobody out"  # type: ignore[arg-type]
    assert asking.dropped


class Idle:
    is_waiting = True

    def __init__(self, *, has_unread: bool) -> None:
        self.has_unread, self.dropped = has_unread, False

    def drop(self) -> None:
        self.dropped = True


class Busy:
    is_waiting = False

    def drop(self) -> None:
        raise AssertionError("a request that is answered was cut off")


def test_where_everybody_is_busy_the_new_one_is_refused_and_leaving_makes_room() -> None:
    known = Connections(Bounds(of_an_address=2))
    some: list[Any] = [Busy() for _ in range(3)]
    assert [known.admit(each, "192.0.2.1") for each in some] == [True, True, False]
    assert known.admit(Busy(), "192.0.2.2")  # type: ignore[arg-type]
    known.leave(some[0])
    known.leave(some[0])
    assert known.admit(some[2], "192.0.2.1")
