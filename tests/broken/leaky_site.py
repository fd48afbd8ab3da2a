"""A site with a leak for each way an answer comes: body, header, gzip, events, redirect, WebSocket. Prints its URL."""

import asyncio
import gzip
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from gateway.identities import Household, load_identities


def site(home: Household) -> Starlette:
    person = home.members[0]
    name, email, phone = str(person.name), person.emails[0], person.phones[0]

    async def front(request: Request) -> Response:
        return HTMLResponse(
            "<h1>Front</h1><p id=said></p><script>"
            "const s = new WebSocket(`ws://${location.host}/talk`);"
            "s.onmessage = e => { document.getElementById('said').textContent = 'heard ' + e.data.length }</script>"
        )

    async def me(request: Request) -> Response:
        return PlainTextResponse(f"Hello {name}")

    async def tagged(request: Request) -> Response:
        return PlainTextResponse("ok", headers={"X-Serial": str(home.devices[0].serial)})

    async def packed(request: Request) -> Response:
        return Response(gzip.compress(f"<p>{email}</p>".encode()), headers={"Content-Encoding": "gzip"})

    async def events(request: Request) -> Response:
        async def told() -> AsyncIterator[str]:
            for at in range(3):
                yield f"data: {at} {phone[:6]}"
                await asyncio.sleep(0.01)
                yield f"{phone[6:]}\n\n"

        return StreamingResponse(told(), media_type="text/event-stream")

    async def moved(request: Request) -> Response:
        origin = f"http://{request.headers['host']}"
        return RedirectResponse(f"{origin}/?for={home.customer_id}")

    async def echo(request: Request) -> Response:
        return PlainTextResponse(f"{request.method} {len(await request.body())} {request.headers.get('x-earlid-role')}")

    async def broken(request: Request) -> Response:
        raise RuntimeError("no row")

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(f"for {email}")
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return Starlette(
        routes=[
            Route("/", front),
            Route("/me", me),
            Route("/tagged", tagged),
            Route("/packed", packed),
            Route("/events", events),
            Route("/moved", moved),
            Route("/echo", echo, methods=["GET", "POST", "PUT"]),
            Route("/broken", broken),
            WebSocketRoute("/talk", talk),
        ]
    )


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"ready on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    app = site(load_identities(Path(sys.argv[1])).households[0])
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
