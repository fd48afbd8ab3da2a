"""A port on loopback for operators: whether the tool is alive and ready, and its figures.

It is separate from the reviewers' port, so that nobody reaches it through the tool's address or proxy.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.review.serving.metrics import Metrics

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def operator_app(metrics: Metrics, ready: Callable[[], bool]) -> Starlette:
    """`/healthz`: the process answers. `/readyz`: 503 while what it needs does not. `/metrics`: Prometheus' text."""

    def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    def can_work(_request: Request) -> Response:
        return PlainTextResponse("ok") if ready() else PlainTextResponse("not ready", 503)

    def figures(_request: Request) -> Response:
        return Response(metrics.text(), media_type=_TEXT)

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", can_work), Route("/metrics", figures)])


@contextmanager
def served(app: Starlette, listener: socket.socket) -> Iterator[None]:
    """Answer on `listener` in a separate thread while the block runs."""
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        limit_concurrency=64,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="operator port", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
