"""Opens listening sockets and serves the vault and the review tool on them."""

import asyncio
import ctypes
import resource
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import uvicorn
from fastapi.telemetry import TelemetryConfig

from gateway.ending import exit_at
from gateway.files import BadFile

_BACKLOG = 512
_HANDSHAKE_S = 10.0
_MOST_FILES = 65_536
_M_MMAP_THRESHOLD = -3  # glibc's number for it
_LARGE_BLOCK = 1 << 20

# For every FastAPI: its telemetry would name what was asked for, and what was wrong in a form, to whatever traces the
# process.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}

# A protocol class as uvicorn takes it, or something that makes one.
Http = Callable[..., asyncio.Protocol]


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
    """A listening socket on 127.0.0.1; as `listen_at`."""
    return listen_at("127.0.0.1", port)


def listen_at(address: str, port: int) -> socket.socket:
    """A listening socket on an address of this machine, IPv4 or IPv6. Port 0 takes any free port.

    Raises:
        OSError: the port is taken or not ours to take, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns off Nagle's delay (40 ms a response) only if the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    app: Callable[..., Any],
    listener: socket.socket,
    ready: str,
    *,
    http: Http | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve `app` until SIGTERM or SIGINT, then return. Prints `ready` on stdout once it takes calls.

    Requests that came before the signal are answered, for three seconds. uvicorn's own logs stay off: they quote
    request lines and tracebacks, and either may name somebody. `http` is uvicorn's own protocol without it.
    """
    config = uvicorn.Config(
        app,
        loop="gateway.listen:QuickHandshakes",
        http="h11" if http is None else cast(type[asyncio.Protocol], http),
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
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
        exit_at(signal.SIGTERM, signal.SIGINT, code=0)
    _allow_many_files()
    _give_large_blocks_back()
    try:
        sys.stdout.write(ready + "\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])
    except SystemExit as stopped:
        if stopped.code:
            raise
    finally:
        listener.close()


class QuickHandshakes(asyncio.SelectorEventLoop):
    """asyncio's loop; a client that does not finish its TLS handshake is gone after ten seconds, not sixty."""

    async def create_server(self, *args: Any, **more: Any) -> asyncio.Server:
        if more.get("ssl") is not None:
            more["ssl_handshake_timeout"] = _HANDSHAKE_S
        return await super().create_server(*args, **more)


def _allow_many_files() -> None:
    """Each connection is an open file, and many systems allow 1,024 of them until one asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _give_large_blocks_back() -> None:
    """Let memory of a megabyte and more return to the system when it is freed.

    glibc raises that limit by itself, to as much as 32 MiB. Then each thread that hashed a password (19 MiB) keeps 38.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # only glibc has it
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
