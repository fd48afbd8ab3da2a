"""Figures for operators, on a separate port. None names a person, a clip or a home.

Labels are route templates, methods, statuses and the audit log's own codes. Prometheus' text format.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.audit.entry import Entry, Said
from gateway.audit.log import ReadableAudit

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Metrics:
    """The figures of one process. With PROMETHEUS_MULTIPROC_DIR they lie in that folder, for the other processes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connections = Gauge(
            "earlid_review_connections", "Open connections.", multiprocess_mode="livesum", registry=self.registry
        )
        self.requests = Counter(
            "earlid_review_requests",
            "Requests by route template, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "earlid_review_request_seconds",
            "How long requests took, by route template.",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.actions = Counter(
            "earlid_review_actions",
            "Lines of the audit log by what was done and how it ended.",
            ("action", "result"),
            registry=self.registry,
        )

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """A figure that is computed when it is read."""
        Gauge(f"earlid_review_{name}", meaning, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class MetricsOfAll(Metrics):
    """The figures of all workers together, from `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.registry = folder, CollectorRegistry()
        MultiProcessCollector(self.registry, str(folder))  # type: ignore[no-untyped-call]

    def gone(self, pid: int) -> None:
        """Set the open connections of an ended worker to zero."""
        mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]


class MeasuredApp:
    """ASGI middleware that counts and times every request. All unknown paths share one label."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            route = getattr(scope.get("route"), "path", "") or "other"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(route, method, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - started)


class CountedAudit(ReadableAudit):
    """An audit log that counts its written lines by action and result."""

    def __init__(self, audit: ReadableAudit, metrics: Metrics) -> None:
        self._audit, self._actions = audit, metrics.actions

    def write(self, said: Said) -> None:
        self._audit.write(said)
        self._actions.labels(said.action, said.result).inc()

    def lines(self) -> Iterator[Entry]:
        return self._audit.lines()

    def head(self) -> str:
        return self._audit.head()
