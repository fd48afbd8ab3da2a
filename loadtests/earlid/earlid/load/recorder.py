"""What a load test saw, by second and by route: one record a process, merged by the master.

In: each request, and once a second how the generator itself fares. Out: plain data for load.json.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from earlid.load.histogram import Histogram, class_of

BUSY_SHARE, LATE_MS = 0.95, 100.0  # of a core; of a greenlet: above them the generator measures itself
_LEAST_SECONDS, _LEAST_SHARE = 5, 0.1
_SUMS = ("requests", "failed", "bytes", "waited_s", "users")
_MOSTS = ("cpu_share", "lag_ms", "late_ms", "waiting", "search_lag_s", "findings", "search_cpu_s")
_KEPT = ("users", "cpu_share", "lag_ms", "waiting", "search_lag_s", "findings", "search_cpu_s")


class Recorder:
    """`warmup_s`: seconds after the first request that count for the time axis only, not for the routes."""

    def __init__(self, *, warmup_s: float = 0.0) -> None:
        self.warmup_s = warmup_s
        self.began: float | None = None
        self.seconds: dict[int, dict[str, Any]] = {}
        self.routes: dict[tuple[str, str, str], dict[str, Any]] = {}

    def request(
        self, at: float, method: str, name: str, role: str, ms: float, *, failed: bool, size: int, late_ms: float = 0.0
    ) -> None:
        """One request that was sent at `at` (seconds since 1970). `late_ms`: how long after its intended time."""
        if self.began is None or at < self.began:  # a later one may be answered first
            self.began = at
        of_ms = of_all = class_of(ms)
        of_late = 0
        if late_ms:
            of_all, of_late = class_of(ms + late_ms), class_of(late_ms)
        ended = int(at + ms / 1_000)
        second = self.seconds.get(ended) or self._second(ended)
        second["requests"] += 1
        second["failed"] += failed
        second["bytes"] += size
        if late_ms > second["late_ms"]:
            second["late_ms"] = late_ms
        second["ms"].record_in(of_all, ms + late_ms)
        if at < self.began + self.warmup_s:
            return
        route = self.routes.get((method, name, role)) or self._route((method, name, role))
        route["requests"] += 1
        route["failed"] += failed
        route["bytes"] += size
        route["ms"].record_in(of_ms, ms)
        route["intended"].record_in(of_all, ms + late_ms)
        route["late"].record_in(of_late, late_ms)

    def beat(self, at: float, **figures: float) -> None:
        """Figures of one second: sums (`users`, `waited_s`) or the most (`cpu_share`, `lag_ms`, `waiting` ...)."""
        second = self._second(int(at))
        second["looked"] = 1
        for name, value in figures.items():
            second[name] = second[name] + value if name in _SUMS else max(second[name], value)

    def take(self) -> dict[str, Any]:
        """Everything since the last time, as plain data for the master. What was taken is gone here."""
        told = {
            "began": self.began,
            "seconds": {str(at): _plain(second) for at, second in self.seconds.items()},
            "routes": [[*key, _plain(route)] for key, route in self.routes.items()],
        }
        self.seconds, self.routes = {}, {}
        return told

    def add(self, told: Mapping[str, Any]) -> None:
        """What a worker took."""
        if told["began"] is not None:
            self.began = min(self.began or told["began"], told["began"])
        for at, figures in told["seconds"].items():
            second = self._second(int(at))
            for name in _SUMS:
                second[name] += figures[name]
            for name in (*_MOSTS, "looked"):
                second[name] = max(second[name], figures[name])
            second["ms"].add(Histogram.from_json(figures["ms"]))
        for method, name, role, figures in told["routes"]:
            route = self._route((method, name, role))
            for key in ("requests", "failed", "bytes"):
                route[key] += figures[key]
            for key in ("ms", "intended", "late"):
                route[key].add(Histogram.from_json(figures[key]))

    def timeline(self) -> list[dict[str, Any]]:
        """Seconds in order, counted from the first, with percentiles."""
        first, rows = min(self.seconds, default=0), []
        before: dict[str, Any] = {}
        for at, second in sorted(self.seconds.items()):
            if second["looked"]:
                before = {name: second[name] for name in _KEPT}
            rows.append(
                {
                    "at_s": at - first,
                    **{name: second[name] for name in (*_SUMS, *_MOSTS)},
                    **before,  # nobody looked in a second that was missed: it is as the one before
                    **{f"p{p}_ms": _rounded(second["ms"].percentile(p)) for p in (50, 95, 99)},
                }
            )
        return rows

    def table(self, shown: Mapping[str, str]) -> list[dict[str, Any]]:
        """Routes in order of their names. `shown` says how each text may be shown; equal ones become one row."""
        merged = Recorder()
        for key, route in self.routes.items():
            row = merged._route(tuple(shown.get(text, "not shown") for text in key))  # type: ignore[arg-type]
            _add(row, route)
        return [
            {"method": method, "route": name, "role": role, **_plain(route)}
            for (method, name, role), route in sorted(merged.routes.items())
        ]

    def chosen(self, method: str | None, name: str | None, role: str | None) -> dict[str, Any]:
        """The routes that match, as one. None matches everything."""
        total = _empty_route()
        for key, route in self.routes.items():
            if all(wanted in (None, given) for wanted, given in zip((method, name, role), key, strict=True)):
                _add(total, route)
        return total

    def saturated(self) -> str:
        """Why the generator measured itself, or an empty text.

        It counts from a tenth of all seconds, and at least five, in which a process used 95 % of a core or a greenlet
        woke 100 ms late.
        """
        return saturation([(second["cpu_share"], second["lag_ms"]) for second in self.seconds.values()])

    @property
    def waited_share(self) -> float:
        """The share of all users' time in which they waited for the search."""
        waited = sum(second["waited_s"] for second in self.seconds.values())
        users = sum(second["users"] for second in self.seconds.values())
        return float(waited / users) if users else 0.0

    def _second(self, at: int) -> dict[str, Any]:
        if at not in self.seconds:
            self.seconds[at] = {**dict.fromkeys((*_SUMS, *_MOSTS, "looked"), 0), "ms": Histogram()}
        return self.seconds[at]

    def _route(self, key: tuple[str, str, str]) -> dict[str, Any]:
        if key not in self.routes:
            self.routes[key] = _empty_route()
        return self.routes[key]


def saturation(seconds: Sequence[tuple[float, float]]) -> str:
    """`seconds`: share of a core and lateness in ms of each second."""
    busy = sum(cpu >= BUSY_SHARE for cpu, _lag in seconds)
    late = sum(lag >= LATE_MS for _cpu, lag in seconds)
    if max(busy, late) < max(_LEAST_SECONDS, _LEAST_SHARE * len(seconds)):
        return ""
    return (
        f"the load generator was saturated: in {busy} of {len(seconds)} seconds a process used {BUSY_SHARE:.0%} of a "
        f"core, in {late} its users woke {LATE_MS:.0f} ms late; its latencies are its own"
    )


def _add(total: dict[str, Any], route: Mapping[str, Any]) -> None:
    for name, value in route.items():
        if isinstance(value, Histogram):
            total[name].add(value)
        else:
            total[name] += value


def _empty_route() -> dict[str, Any]:
    return {"requests": 0, "failed": 0, "bytes": 0, "ms": Histogram(), "intended": Histogram(), "late": Histogram()}


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.to_json() if isinstance(value, Histogram) else value for name, value in figures.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
