"""What a run shows while it goes on: a tab in Locust's web UI, and figures for Prometheus.

The tab rides on Locust's own request for statistics, so that Locust's login guards it.
"""

import sys
import threading
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from earlid.locust_load import LoadRecord

_KEY = "earlid-leaks"
_COLUMNS = (("what", "What"), ("place", "Where"), ("count", "Count"))
_STATS = "/stats/requests"


def add_tab(environment: Any, load: LoadRecord) -> None:
    """Add the tab Leaks. Does nothing without a web UI."""
    page = environment.web_ui
    if page is None:
        return
    for name, value in (
        ("extended_tabs", [{"title": "Leaks", "key": _KEY}]),
        ("extended_tables", [{"key": _KEY, "structure": [{"key": key, "title": title} for key, title in _COLUMNS]}]),
    ):
        page.template_args[name] = [*page.template_args.get(name, ()), *value]

    @page.app.after_request  # type: ignore[untyped-decorator]
    def with_leaks(response: Any) -> Any:
        if sys.modules["flask"].request.path == _STATS and response.is_json:
            told = response.get_json()
            others = [
                one for one in told.get("extended_stats", ()) if one["key"] != _KEY
            ]  # Locust keeps an answer a while
            told["extended_stats"] = [*others, {"key": _KEY, "data": rows(load.latest)}]
            response.set_data(sys.modules["flask"].json.dumps(told))
        return response


def rows(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of the tab: findings first. `counts` are the search's of the last second."""
    if not counts:
        return [{"what": "nothing was searched yet", "place": "", "count": 0}]
    totals = counts["totals"]
    found = [_row("FINDING", place, n) for place, n in sorted(totals["findings"].items(), key=lambda one: -one[1])]
    gaps = [_row("not searched", why, n) for why, n in sorted(totals["unsearched"].items())]
    return [
        *found,
        *gaps,
        _row("answers searched", "", totals["responses"]),
        _row("answers that wait", f"{counts['backlog'] / 1e6:.0f} MB", counts["waiting"]),
        _row("without an answer", "", totals["unanswered"]),
        _row("planted leaks found", f"of {totals['planted']}", totals["found"]),
        _row("search processes that ended", "", counts["gone"]),
    ]


def open_metrics(load: LoadRecord, port: int | None) -> None:
    """Serve the figures, where a port is given. A port in use is one line and exit code 2."""
    if port is not None:
        try:
            sys.stderr.write(f"load: figures at http://127.0.0.1:{serve_metrics(load, port)}/metrics\n")
        except OSError as error:
            sys.stderr.write(f"load: --metrics-port {port}: {error.strerror or error}\n")
            raise SystemExit(2) from None


def serve_metrics(load: LoadRecord, port: int) -> int:
    """Serve `/metrics` for Prometheus on loopback, and return the port.

    Raises:
        OSError: the port is in use.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/metrics"
            body = (metrics(load) if found else "see /metrics\n").encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


def metrics(load: LoadRecord) -> str:
    """The figures as Prometheus reads them. Labels are names as the search process lets them be shown."""
    counts, lines = load.latest, []
    for row in load.recorder.table(load.shown()):
        label = _labels(method=row["method"], route=row["route"], role=row["role"])
        lines += [f"earlid_requests_total{label} {row['requests']}", f"earlid_failures_total{label} {row['failed']}"]
        lines.append(f"earlid_response_ms_sum{label} {row['ms']['total_ms']:.3f}")
    last = load.recorder.timeline()[-1:]
    for name in ("users", "cpu_share", "lag_ms", "p50_ms", "p95_ms", "p99_ms", "search_lag_s"):
        lines += [f"earlid_{name} {second[name]}" for second in last if second[name] is not None]
    waited = sum(second["waited_s"] for second in load.recorder.seconds.values())
    lines.append(f"earlid_waited_for_search_seconds_total {waited:.3f}")
    if counts:
        lines += [f"earlid_searched_total {counts['searched']}", f"earlid_search_waiting {counts['waiting']}"]
        for name, kind in (("findings", "place"), ("unsearched", "why")):
            lines += [f"earlid_{name}_total{_labels(**{kind: at})} {n}" for at, n in counts["totals"][name].items()]
    return "\n".join(lines) + "\n"


def _labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: Iterable[str]) -> str:
    return "".join({"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(letter, letter) for letter in value)


def _row(what: str, place: str, count: float) -> dict[str, Any]:
    return {"what": what, "place": place, "count": count}
