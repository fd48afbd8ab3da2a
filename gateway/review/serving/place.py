"""The addresses of the review tool: its own and the operator's port."""

import ipaddress
import socket
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.listen import listen_at
from gateway.review.serving.connections import Bounds, Network
from gateway.review.serving.metrics import Metrics
from gateway.review.serving.operator_port import operator_app, served
from gateway.storage.store import Store


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """The address of the tool and the proxies it believes. Off loopback it needs TLS.

    `worker_of`: the number of a socket on which the process listens that started this one. `tls` are the files of
    certificate and key, in PEM; `behind_tls`: a proxy before it speaks TLS. `metrics_port` is on loopback, and 0 any
    free one. `hosts` and `proxies` as in `make_app`.
    """

    address: str = "127.0.0.1"
    port: int = 0
    tls: tuple[Path, Path] | None = None
    behind_tls: bool = False
    metrics_port: int | None = None
    worker_of: int | None = None
    bounds: Bounds = Bounds()
    proxies: Sequence[Network] = ()
    hosts: Sequence[str] = ("127.0.0.1", "localhost")


def check_address(how: Serving) -> None:
    """Raises BadFile: the address is not loopback and there is no TLS."""
    if not how.tls and not ipaddress.ip_address(how.address).is_loopback:
        raise BadFile(f"--bind {how.address}: wants --tls-cert and --tls-key; without TLS it serves loopback alone")


def listen(how: Serving) -> socket.socket:
    """A port that cannot be had is one line on stderr and exit code 2."""
    return _listen(how.address, how.port)


def ready_line(how: Serving, listener: socket.socket) -> str:
    where = f"[{how.address}]" if ":" in how.address else how.address
    return f"review ready on http{'s' if how.tls else ''}://{where}:{listener.getsockname()[1]}"


def operators_port(how: Serving, metrics: Metrics, store: Store) -> AbstractContextManager[None]:
    """Open as long as the block lasts, if one is wanted; says where on stdout."""
    if how.metrics_port is None:
        return nullcontext()
    metrics.gauge("waiting_clips", "Published clips that want an annotation.", store.waiting_count)
    listener = _listen("127.0.0.1", how.metrics_port)
    sys.stdout.write(f"metrics on http://127.0.0.1:{listener.getsockname()[1]}/metrics\n")
    return served(operator_app(metrics, store.answers), listener)


def _listen(address: str, port: int) -> socket.socket:
    try:
        return listen_at(address, port)
    except OSError as error:
        sys.stderr.write(f"earlid review: port {port}: {error.strerror}; choose another, or 0 for any free one\n")
        raise SystemExit(2) from None
