"""Answers pass unchanged and at once, and their copy is searched: bodies, streams, errors, WebSockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import MASKED, LeakDetector
from scenarios.leaks.middleware import Answer, LeakMiddleware

HOME = control_household(3)
NAME, SERIAL = HOME.members[0].name, HOME.devices[0].serial


async def clean(request: Request) -> PlainTextResponse:
    return PlainTextResponse("nobody")


async def streamed(request: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        for letter in NAME:
            yield letter

    return StreamingResponse(pieces(), headers={"x-device": SERIAL})


async def broken(request: Request) -> None:
    raise KeyError(NAME)


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(NAME[:5])
    await socket.send_bytes(NAME[5:].encode())
    await socket.close()


ROUTES = [
    Route("/", clean), Route("/streamed", streamed), Route("/broken", broken), WebSocketRoute("/talk", talk),
]  # fmt: skip


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
def get(detector: LeakDetector, seen: list[Any]) -> Callable[..., Any]:
    app = LeakMiddleware(Starlette(debug=True, routes=ROUTES), detector=detector, report=seen.append)

    async def ask(path: str) -> Any:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://t.test") as client:
            return await client.get(path)

    return lambda path: asyncio.run(ask(path))


def fields(answer: Answer) -> list[str]:
    return sorted(finding.field for finding in answer.searched.findings)


def test_a_clean_answer_is_reported_as_searched(get: Callable[..., Any], seen: list[Any]) -> None:
    assert get("/").text == "nobody"
    (answer,) = seen
    assert (answer.place, answer.status, fields(answer), answer.searched.notes) == ("GET /", 200, [], ())
    assert answer.searched.bytes > len("nobody")


def test_a_stream_is_searched_as_one(get: Callable[..., Any], seen: list[Any]) -> None:
    assert get("/streamed").text == NAME
    assert fields(seen[0]) == ["devices.serial", "members.name"]


def test_an_error_page_is_searched(get: Callable[..., Any], seen: list[Any]) -> None:
    assert get("/broken").status_code == 500
    assert "members.name" in fields(seen[0])


def test_a_path_that_names_somebody_is_masked(get: Callable[..., Any], seen: list[Any]) -> None:
    get(f"/homes/{SERIAL}")
    assert seen[0].place == f"GET {MASKED}"


def test_a_value_in_two_websocket_messages_is_found(detector: LeakDetector, seen: list[Any]) -> None:
    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        pass

    app = LeakMiddleware(Starlette(routes=ROUTES), detector=detector, report=seen.append)
    scope = {"type": "websocket", "path": "/talk", "headers": [], "query_string": b"", "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    assert fields(seen[0]) == ["members.name"]
    assert (seen[0].place, seen[0].status) == ("WEBSOCKET /talk", 0)


def test_every_piece_is_sent_on_before_the_next_is_made(detector: LeakDetector, seen: list[Any]) -> None:
    order = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for at in range(3):
            order.append(f"made {at}")
            await send({"type": "http.response.body", "body": b"x", "more_body": at < 2})

    async def send(message: Any) -> None:
        order.append(message["type"].rpartition(".")[2])

    asyncio.run(LeakMiddleware(app, detector=detector, report=seen.append)({"type": "http", "path": "/"}, None, send))
    assert order == ["start", "made 0", "body", "made 1", "body", "made 2", "body"]


def test_an_endless_answer_is_searched_up_to_the_bound_and_that_is_said(
    detector: LeakDetector, seen: list[Any]
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": NAME.encode() + b" ", "more_body": True})
        for _ in range(500):
            await send({"type": "http.response.body", "body": b"x " * 500, "more_body": True})

    async def send(message: Any) -> None:
        pass

    watched = LeakMiddleware(app, detector=detector, report=seen.append, kept=100_000)
    asyncio.run(watched({"type": "http", "path": "/"}, None, send))
    assert fields(seen[0]) == ["members.name"]
    assert seen[0].searched.bytes < 101_000
    assert any("only the beginning" in note for note in seen[0].searched.notes)


def test_what_was_sent_before_an_application_fell_over_is_searched(detector: LeakDetector, seen: list[Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": NAME.encode(), "more_body": True})
        raise RuntimeError("gone")

    async def send(message: Any) -> None:
        pass

    with pytest.raises(RuntimeError):
        asyncio.run(LeakMiddleware(app, detector=detector, report=seen.append)({"type": "http"}, None, send))
    assert fields(seen[0]) == ["members.name"]


def test_a_file_the_server_sends_itself_is_said_to_be_unsearched(detector: LeakDetector, seen: list[Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.pathsend", "path": "/somewhere"})

    async def send(message: Any) -> None:
        pass

    asyncio.run(LeakMiddleware(app, detector=detector, report=seen.append)({"type": "http", "path": "/"}, None, send))
    assert any("not searched" in note for note in seen[0].searched.notes)


def test_it_says_what_is_looked_for_and_what_is_left_out(known: Identities) -> None:
    detector = LeakDetector(known)
    looked_for, left_out = LeakMiddleware(Starlette(), detector=detector, report=print).covered
    assert f"{detector.fields['members.name']} members.name" in looked_for
    assert all(f"{count} {field}" in left_out for field, count in detector.left_out.items())
