"""Compares two load tests with intervals. A change inside both intervals counts as chance."""

import math
from collections.abc import Iterator

import msgspec
from earlid.load.histogram import Histogram

from scenarios.report.load.recorded import Recorded, Route

PERCENTS = (50, 95, 99)
_LEAST_MS, _LEAST_SHARE = 1.0, 0.05  # a change below both is of no use to anybody
_FEWEST = 30


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one route. Intervals are of 95 % confidence. `verdict` is worse, better, same or unknown."""

    route: str
    figure: str
    before: float | None
    before_interval: tuple[float, float] | None
    after: float | None
    after_interval: tuple[float, float] | None
    verdict: str


def changes(before: Recorded, after: Recorded) -> list[Change]:
    """Changes of latency and failures by route, of the whole rate, and places that began or ceased to leak."""
    old, new = _by_name(before), _by_name(after)
    rows: list[Change] = []
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            rows.append(_gone(name, "missing now" if name in old else "new"))
            continue
        rows += _times(name, old[name].times, new[name].times)
        rows.append(_failures(name, old[name], new[name]))
    rows.append(_rate(before, after))
    was, now = before.search.findings, after.search.findings
    rows += [_row(place, "leaks", 0.0, None, float(now[place]), None, "worse") for place in sorted({*now} - {*was})]
    rows += [_row(place, "leaks", float(was[place]), None, 0.0, None, "better") for place in sorted({*was} - {*now})]
    return rows


def _by_name(recorded: Recorded) -> dict[str, Route]:
    return {route.named: route for route in recorded.routes}


def _gone(name: str, figure: str) -> Change:
    return _row(name, figure, None, None, None, None, "unknown" if figure == "missing now" else "same")


def _times(name: str, old: Histogram, new: Histogram) -> Iterator[Change]:
    for percent in PERCENTS:
        one, other = old.percentile(percent), new.percentile(percent)
        low, high = old.interval(percent), new.interval(percent)
        verdict = "unknown"
        if min(old.size, new.size) >= _FEWEST and low and high and one is not None and other is not None:
            matters = abs(other - one) >= max(_LEAST_MS, _LEAST_SHARE * one)
            apart = high[0] > low[1] or high[1] < low[0]
            verdict = ("worse" if other > one else "better") if matters and apart else "same"
        yield _row(name, f"p({percent}) ms", one, low, other, high, verdict)


def _failures(name: str, old: Route, new: Route) -> Change:
    (one, low), (other, high) = _share(old), _share(new)
    apart = high[0] > low[1] or high[1] < low[0]
    verdict = ("worse" if other > one else "better") if apart else "same"
    return _row(name, "failed", one, low, other, high, verdict)


def _share(route: Route) -> tuple[float, tuple[float, float]]:
    """A share with its Wilson interval."""
    n, z = max(route.requests, 1), 1.96
    share = route.failed / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, (max(0.0, middle - half), min(1.0, middle + half))


def _rate(before: Recorded, after: Recorded) -> Change:
    (one, low), (other, high) = _per_second(before), _per_second(after)
    apart = (high[0] > low[1] or high[1] < low[0]) and abs(other - one) > _LEAST_SHARE * max(one, other)
    verdict = ("worse" if other < one else "better") if apart else "same"
    return _row("all requests", "rate /s", one, low, other, high, verdict)


def _per_second(recorded: Recorded) -> tuple[float, tuple[float, float]]:
    """The mean over all seconds, without the first and the last, and its interval. Those two are not whole seconds."""
    counts = [second.requests for second in recorded.seconds[1:-1]] or [0]
    mean = sum(counts) / len(counts)
    spread = math.sqrt(sum((count - mean) ** 2 for count in counts) / max(len(counts) - 1, 1) / len(counts))
    return mean, (mean - 1.96 * spread, mean + 1.96 * spread)


def _row(
    route: str,
    figure: str,
    before: float | None,
    low: tuple[float, float] | None,
    after: float | None,
    high: tuple[float, float] | None,
    verdict: str,
) -> Change:
    return Change(
        route=route,
        figure=figure,
        before=before,
        before_interval=low,
        after=after,
        after_interval=high,
        verdict=verdict,
    )
