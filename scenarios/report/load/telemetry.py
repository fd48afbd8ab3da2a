"""Figures of a load test over OTLP: a process beside the load sends them on, so that the load itself does not wait.

In: the file of `earlid.load.figures`, written once a second. Out: OpenTelemetry metrics, cumulative. Attributes are
methods, routes, roles, places and reasons as reports show them; no value, no answer and no address is in them.
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from earlid.load.histogram import Histogram
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    HistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Histogram as Distribution
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

# Seconds, as OpenTelemetry's conventions for HTTP give them.
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_GAUGES = (("users", "{user}"), ("cpu_share", "1"), ("lag_ms", "ms"), ("p50_ms", "ms"), ("p95_ms", "ms"))
_LIVE = (("search_lag_s", "s"), ("late_ms", "ms"))
_TEMPORALITY = AggregationTemporality.CUMULATIVE
_EVERY_S = 5.0


class Sender:
    """Sends what stands in `figures` every five seconds while it is a context, and once more at its end.

    `endpoint` is the receiver's base address; `/v1/metrics` is put behind it. Headers, time limits and certificates
    are read by the library from OTEL_EXPORTER_OTLP_*. `failed` counts what no receiver took.
    """

    def __init__(self, endpoint: str, figures: Path) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # one line at the end says what failed
        self._exporter = OTLPMetricExporter(endpoint=f"{endpoint.rstrip('/')}/v1/metrics", timeout=5)
        self._figures = figures
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send_on, name="telemetry", daemon=True)
        self.sent = self.failed = 0

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(30)
        self._send()
        self._exporter.shutdown()

    def _send_on(self) -> None:
        while not self._over.wait(_EVERY_S):
            self._send()

    def _send(self) -> None:
        try:
            told = json.loads(self._figures.read_text())
            at = int(self._figures.stat().st_mtime * 1e9)
        except (OSError, ValueError):
            return  # nothing was measured yet
        taken = self._exporter.export(metrics_of(told, at_ns=at), timeout_millis=5_000)
        self.sent += taken is MetricExportResult.SUCCESS
        self.failed += taken is not MetricExportResult.SUCCESS


def metrics_of(told: Mapping[str, Any], *, at_ns: int) -> MetricsData:
    """The figures at `at_ns` (since 1970) as OpenTelemetry metrics."""
    resource = Resource({"service.name": "earlid"})
    metrics = [metric for metric in _metrics(told, at_ns) if metric.data.data_points]
    scope = ScopeMetrics(scope=InstrumentationScope("earlid"), metrics=metrics, schema_url="")
    return MetricsData([ResourceMetrics(resource=resource, scope_metrics=[scope], schema_url="")])


def _metrics(told: Mapping[str, Any], at: int) -> Iterator[Metric]:
    began = int((told["began"] or at / 1e9) * 1e9)
    rows = told["routes"]

    def point(value: float, **labels: str) -> NumberDataPoint:
        return NumberDataPoint(labels, start_time_unix_nano=began, time_unix_nano=at, value=value)

    def count(name: str, unit: str, points: list[NumberDataPoint], text: str) -> Metric:
        return Metric(f"earlid.{name}", text, unit, Sum(points, _TEMPORALITY, is_monotonic=True))

    yield count("requests", "{request}", [point(row["requests"], **_labels(row)) for row in rows], "requests answered")
    yield count("failures", "{request}", [point(row["failed"], **_labels(row)) for row in rows], "requests failed")
    durations = [_duration(row, began, at) for row in rows]
    yield Metric("earlid.request.duration", "response time", "s", Distribution(durations, _TEMPORALITY))
    yield count("waited_for_search", "s", [point(told["waited_s"])], "time users waited for the search")
    searched = [] if told["searched"] is None else [point(told["searched"])]
    yield count("searched", "{answer}", searched, "answers searched")
    findings = [point(n, place=place) for place, n in told["findings"].items()]
    yield count("findings", "{finding}", findings, "identities found, by field and place")
    gaps = [point(n, why=why) for why, n in told["unsearched"].items()]
    yield count("unsearched", "{answer}", gaps, "answers not searched, by reason")
    waiting = [] if told["waiting"] is None else [point(told["waiting"])]
    yield Metric("earlid.search.waiting", "answers that wait for the search", "{answer}", Gauge(waiting))
    for name, unit in (*_GAUGES, *_LIVE):
        value = told["last"].get(name)
        yield Metric(f"earlid.{name}", "of the last second", unit, Gauge([] if value is None else [point(value)]))


def _labels(row: Mapping[str, Any]) -> dict[str, str]:
    return {"method": row["method"], "route": row["route"], "role": row["role"]}


def _duration(row: Mapping[str, Any], began: int, at: int) -> HistogramDataPoint:
    times = Histogram.from_json(row["ms"])
    counts = times.within([bound * 1_000 for bound in BOUNDS_S])
    return HistogramDataPoint(
        _labels(row),
        start_time_unix_nano=began,
        time_unix_nano=at,
        count=times.size,
        sum=times.total_ms / 1_000,
        bucket_counts=counts,
        explicit_bounds=BOUNDS_S,
        min=(times.percentile(0.0) or 0.0) / 1_000,
        max=times.most_ms / 1_000,
    )
