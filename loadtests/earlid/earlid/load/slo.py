"""Service level objectives: expressions such as `p(95) < 300 ms`, and whether a run meets them."""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from earlid.load.recorder import Recorder

METRICS = "p(N), med, avg, max, errors, rate, requests, late, leaks, unsearched, waited, search_lag"
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip
_EXPRESSION = re.compile(
    r"(?P<metric>p\((?P<percent>\d+(?:\.\d+)?)\)|[a-z_]+)\s*(?P<operator><=|>=|==|<|>)\s*"
    r"(?P<limit>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|%|/s)?"
)
_TIMES = ("p", "med", "avg", "max", "late")
_UNITS = {
    **dict.fromkeys(_TIMES, ("ms", "s")),
    "errors": ("%",),
    "rate": ("/s",),
    "waited": ("%",),
    "search_lag": ("s",),
}


class Expression(NamedTuple):
    """`limit` is in milliseconds for times, in seconds for search_lag, a share from 0 to 1 for errors and waited."""

    text: str
    metric: str
    percent: float
    operator: str
    limit: float

    @property
    def of_time(self) -> bool:
        return self.metric in _TIMES


class Objective(NamedTuple):
    """Expressions about the requests that match `method`, `route` and `role`; None matches all.

    `abort` ends the run at the first miss, `delay_s` seconds after the warm-up at the earliest.
    """

    expect: tuple[Expression, ...]
    name: str = ""
    method: str | None = None
    route: str | None = None
    role: str | None = None
    abort: bool = False
    delay_s: float = 0.0


class Line(NamedTuple):
    """One expression judged. `outcome` is met, missed or unknown."""

    objective: str
    expression: str
    value: float | None
    outcome: str
    why: str


class Measured(NamedTuple):
    """What the search says: findings and gaps by place, and seconds of load without the warm-up."""

    seconds: float
    findings: dict[str, int]
    unsearched: dict[str, int]
    search_lag_s: float
    saturated: str
    lost: str = ""


def expression(text: str) -> Expression:
    """Read one expression.

    Raises:
        ValueError: it is none; the text says what is allowed.
    """
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text[:60]}: no expression; allowed: METRIC < <= > >= == NUMBER, with METRIC one of {METRICS}"
        )
    metric = "p" if found["percent"] else found["metric"]
    if metric not in (*_TIMES, "errors", "rate", "requests", "leaks", "unsearched", "waited", "search_lag"):
        raise ValueError(f"{text[:60]}: {metric}: no metric; allowed: {METRICS}")
    unit, allowed = found["unit"], _UNITS.get(metric, ())
    if unit and unit not in allowed:
        raise ValueError(f"{text[:60]}: {unit}: not a unit of {metric}; allowed: {', '.join(allowed) or 'none'}")
    percent = float(found["percent"] or 50)
    if not 0 < percent <= 100:
        raise ValueError(f"{text[:60]}: p({percent:g}): allowed: above 0, at most 100")
    limit = float(found["limit"])
    if unit == "%":
        limit /= 100
    if unit == "s" and metric in _TIMES:
        limit *= 1_000
    return Expression(text.strip(), metric, percent, found["operator"], limit)


def objectives(told: Sequence[dict[str, Any]]) -> tuple[Objective, ...]:
    """Objectives from plain data with the keys of `Objective`. Raises ValueError."""
    return tuple(Objective(**{**one, "expect": tuple(map(expression, one["expect"]))}) for one in told)


def judged(objective: Objective, recorder: Recorder, measured: Measured) -> list[Line]:
    """Each expression of one objective."""
    chosen = recorder.chosen(objective.method, objective.route, objective.role)
    named = (
        objective.name or " ".join(filter(None, (objective.role, objective.method, objective.route))) or "all requests"
    )
    return [_line(named, one, _value(one, objective, chosen, recorder, measured), measured) for one in objective.expect]


def _line(named: str, one: Expression, value: float | None, measured: Measured) -> Line:
    if value is None:
        return Line(named, one.text, None, "unknown", "no request matches")
    if measured.lost and one.metric in ("leaks", "unsearched", "search_lag"):
        return Line(named, one.text, None, "unknown", measured.lost)
    if one.of_time and measured.saturated:
        return Line(named, one.text, value, "unknown", measured.saturated)
    met = _OPERATORS[one.operator](value, one.limit)
    return Line(named, one.text, value, "met" if met else "missed", "")


def _value(
    one: Expression, objective: Objective, chosen: dict[str, Any], recorder: Recorder, measured: Measured
) -> float | None:
    if one.metric == "requests":
        return float(chosen["requests"])
    if not chosen["requests"]:
        return None
    if one.metric in ("leaks", "unsearched"):
        counts = measured.findings if one.metric == "leaks" else measured.unsearched
        wanted = [part for part in (objective.role, objective.method, objective.route) if part]
        return float(sum(n for place, n in counts.items() if all(part in place for part in wanted)))
    if one.metric == "waited":
        return recorder.waited_share
    if one.metric == "search_lag":
        return measured.search_lag_s
    if one.metric == "errors":
        return float(chosen["failed"] / chosen["requests"])
    if one.metric == "rate":
        return float(chosen["requests"] / measured.seconds) if measured.seconds > 0 else None
    times = chosen["late"] if one.metric == "late" else chosen["intended"]
    value = {
        "avg": times.mean(),
        "max": times.most_ms,
        "late": times.percentile(95),
        "med": times.percentile(50),
        "p": times.percentile(one.percent),
    }[one.metric]
    return None if value is None else float(value)
