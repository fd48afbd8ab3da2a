"""Figures over OTLP: what a receiver reads is what was measured, by the protocol's own messages."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from earlid.load.figures import figures, write
from earlid.load.histogram import Histogram
from earlid.load.recorder import Recorder
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from scenarios.report.load.telemetry import Sender

COUNTS = {"searched": 9, "waiting": 2, "totals": {"findings": {"members.name in url": 3}, "unsearched": {"cut": 1}}}


class Receiver:
    """Takes OTLP over HTTP. `points` are those of the newest message: name -> [(labels, value or bucket counts)]."""

    def __init__(self, status: int = 200) -> None:
        self.taken: list[ExportMetricsServiceRequest] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/metrics"
                receiver.taken.append(ExportMetricsServiceRequest.FromString(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def points(self) -> dict[str, list[tuple[dict[str, str], Any]]]:
        (resource,) = self.taken[-1].resource_metrics
        (scope,) = resource.scope_metrics
        found = {}
        for metric in scope.metrics:
            data = getattr(metric, str(metric.WhichOneof("data")))
            found[metric.name] = [
                (
                    {one.key: one.value.string_value for one in point.attributes},
                    list(point.bucket_counts) if hasattr(point, "bucket_counts") else point.as_double or point.as_int,
                )
                for point in data.data_points
            ]
        return found

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def measured(path: Path) -> Path:
    recorder = Recorder()
    for at, ms in enumerate((4.0, 40.0, 20_000.0)):
        recorder.request(100.0 + at, "GET", "/a/secret", "user", ms, failed=ms > 100, size=10)
    recorder.beat(102.0, users=3, cpu_share=0.5, lag_ms=1.0, waited_s=0.25)
    write(path, figures(recorder, {"GET": "GET", "/a/secret": "/a/{}", "user": "user"}, COUNTS))
    return path


def test_a_receiver_reads_what_was_measured(receiver: Receiver, tmp_path: Path) -> None:
    path = measured(tmp_path / "figures.json")
    assert path.stat().st_mode & 0o777 == 0o600
    with Sender(f"{receiver.url}/", path) as sender:
        pass
    assert (sender.sent, sender.failed) == (1, 0)
    points, route = receiver.points(), {"method": "GET", "route": "/a/{}", "role": "user"}
    assert points["earlid.requests"] == [(route, 3)]
    assert points["earlid.failures"] == [(route, 1)]
    ((labels, buckets),) = points["earlid.request.duration"]
    assert (labels, buckets) == (route, [1, 0, 0, 1, *[0] * 10, 1])
    assert points["earlid.findings"] == [({"place": "members.name in url"}, 3)]
    assert points["earlid.unsearched"] == [({"why": "cut"}, 1)]
    assert points["earlid.search.waiting"] == [({}, 2)]
    assert points["earlid.waited_for_search"] == [({}, 0.25)]
    assert "secret" not in str(receiver.taken)


def test_a_search_that_was_not_asked_yet_has_no_figures(receiver: Receiver, tmp_path: Path) -> None:
    write(tmp_path / "figures.json", figures(Recorder(), {}, {}))
    with Sender(receiver.url, tmp_path / "figures.json"):
        pass
    assert set(receiver.points()) == {"earlid.waited_for_search"}


def test_nothing_measured_and_nobody_there_are_told_apart(receiver: Receiver, tmp_path: Path) -> None:
    with Sender(receiver.url, tmp_path / "missing.json") as nothing:
        pass
    assert (nothing.sent, nothing.failed, receiver.taken) == (0, 0, [])
    with Sender("http://127.0.0.1:9", measured(tmp_path / "figures.json")) as nobody:
        pass
    assert (nobody.sent, nobody.failed) == (0, 1)


def test_a_name_that_nobody_could_ask_about_is_not_shown(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.request(1.0, "GET", "/anna", "user", 1.0, failed=False, size=1)
    write(tmp_path / "figures.json", figures(recorder, {}, {}))
    assert "anna" not in (tmp_path / "figures.json").read_text()
    assert json.loads((tmp_path / "figures.json").read_text())["routes"][0]["route"] == "not shown"


@given(st.lists(st.floats(0.0, 1e6), max_size=30), st.lists(st.floats(0.1, 1e6), unique=True, max_size=8))
def test_every_time_is_in_one_class(times: list[float], bounds: list[float]) -> None:
    histogram = Histogram()
    for ms in times:
        histogram.record(ms)
    found = histogram.within(sorted(bounds))
    assert (sum(found), len(found)) == (len(times), len(bounds) + 1)
