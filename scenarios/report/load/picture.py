"""A load test over time as one SVG: latency, requests, failures, users, the search, the generator."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from scenarios.report.load.recorded import Recorded, Second

WIDTH, _LEFT, _RIGHT, _HEIGHT, _GAP = 960, 74, 150, 78, 26


class _Curve(NamedTuple):
    name: str
    style: str
    value: Callable[[Second], float | None]


class _Panel(NamedTuple):
    name: str
    unit: str
    curves: tuple[_Curve, ...]


PANELS = (
    _Panel("latency", "ms", (
        _Curve("p99", "c3", lambda s: s.p99_ms), _Curve("p95", "c2", lambda s: s.p95_ms),
        _Curve("p50", "c1", lambda s: s.p50_ms),
    )),
    _Panel("requests", "/s", (
        _Curve("all", "c1", lambda s: s.requests), _Curve("failed", "bad", lambda s: s.failed),
    )),
    _Panel("users", "", (
        _Curve("users", "c1", lambda s: s.users), _Curve("waiting for search", "c2", lambda s: s.waited_s),
    )),
    _Panel("search", "", (
        _Curve("answers that wait", "c2", lambda s: s.waiting), _Curve("findings so far", "bad", lambda s: s.findings),
    )),
    _Panel("behind", "s", (_Curve("the search", "c2", lambda s: s.search_lag_s),)),
    _Panel("processor", "%", (_Curve("of the generator", "c1", lambda s: s.cpu_share * 100),)),
    _Panel("lateness", "ms", (
        _Curve("of a user's wake", "c2", lambda s: s.lag_ms), _Curve("of a request", "c1", lambda s: s.late_ms),
    )),
)  # fmt: skip


class Point(msgspec.Struct, frozen=True):
    x: float
    y: float


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """One panel, ready to draw: `top` in pixels, its label, its highest value, and its curves as SVG paths."""

    top: float
    name: str
    most: str
    curves: tuple[tuple[str, str, str, float], ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """`ticks` are (x, seconds). `warm_x` is where the warm-up ends, or None."""

    width: int
    height: int
    left: int
    right: int
    panel: int
    panels: tuple[Drawn, ...]
    ticks: tuple[tuple[float, str], ...]
    warm_x: float | None
    said: str


def picture(recorded: Recorded) -> Picture | None:
    """None if there are fewer than two seconds."""
    seconds = recorded.seconds
    if len(seconds) < 2:
        return None
    last = seconds[-1].at_s or 1
    width = WIDTH - _LEFT - _RIGHT
    panels = tuple(_drawn(panel, number, seconds, width / last) for number, panel in enumerate(PANELS))
    step = next((s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200) if last / s <= 10), 14_400)
    warm = recorded.warmup_s
    return Picture(
        width=WIDTH,
        height=len(PANELS) * (_HEIGHT + _GAP) + 34,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        panel=_HEIGHT,
        panels=panels,
        ticks=tuple((round(_LEFT + at * width / last, 1), f"{at} s") for at in range(0, last + 1, step)),
        warm_x=round(_LEFT + warm * width / last, 1) if 0 < warm < last else None,
        said=_said(seconds),
    )


def _drawn(panel: _Panel, number: int, seconds: Sequence[Second], scale: float) -> Drawn:
    top = 14.0 + number * (_HEIGHT + _GAP)
    values = [[(s.at_s, curve.value(s)) for s in seconds] for curve in panel.curves]
    most = max((v for row in values for _at, v in row if v is not None), default=0.0)
    curves: list[tuple[str, str, str, float]] = []
    for curve, row in zip(panel.curves, values, strict=True):
        points = [(at, v) for at, v in row if v is not None]
        path = " ".join(
            f"{'M' if not i else 'L'}{_LEFT + at * scale:.1f},{top + _HEIGHT * (1 - v / (most or 1)):.1f}"
            for i, (at, v) in enumerate(points)
        )
        curves.append((curve.name, curve.style, path, top + 14 + 18 * len(curves)))
    return Drawn(top=top, name=panel.name, most=f"{_short(most)} {panel.unit}".strip(), curves=tuple(curves))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _said(seconds: Sequence[Second]) -> str:
    """The picture in words."""
    total = sum(second.requests for second in seconds)
    failed = sum(second.failed for second in seconds)
    worst = max((second.p95_ms or 0.0 for second in seconds), default=0.0)
    users = max(second.users for second in seconds)
    return (
        f"{total} requests in {len(seconds)} seconds, {failed} failed, up to {users:.0f} users; "
        f"the worst second had a 95th percentile of {worst:.0f} ms"
    )
