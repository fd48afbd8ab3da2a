"""Opens listening sockets and serves the vault and the review tool on them."""

import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import uvicorn

from gateway.files import BadFile

_BACKLOG = 512


def listen_unix(path: Path) -> socket.socket:
    """A listening Unix domain socket of mode 0600. A socket without a listener is replaced.

    Raises:
        BadFile: in use, no such folder, or too long a path for the system.
    """
    if path.is_socket() and _answers(path):
        raise BadFile(f"{path}: another process listens here already")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            path.unlink()
        listener.bind(str(path))
        # Nobody can connect before listen(), so the mode is never too wide for a client.
        path.chmod(0o600)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise BadFile(f"{path}: no socket can be opened here ({error.strerror or error})") from None
    return listener


def listen_loopback(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1. Port 0 takes any free port.

    Raises:
        OSError: the port is taken or not ours to take.
    """
    # asyncio turns off Nagle's delay (40 ms a response) only if the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: Callable[..., Any], listener: socket.socket, ready: str) -> None:
    """Serve `app` until SIGTERM or SIGINT, then return. Prints `ready` on stdout once it takes calls.

    uvicorn's own logs stay off: they quote request lines and tracebacks, and either may name somebody.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal again after it stopped. Without these handlers cleanup would be skipped.
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, _stop)
    try:
        sys.stdout.write(ready + "\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])
    except SystemExit as stopped:
        if stopped.code:
            raise
    finally:
        listener.close()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
