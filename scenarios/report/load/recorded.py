"""load.json as data classes."""

from pathlib import Path
from typing import Any

import msgspec
from earlid.load.histogram import Histogram

from gateway.files import BadFile


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """One second of the run. Times are in ms if the name says nothing else. Shares run from 0 to 1."""

    at_s: int
    requests: int
    failed: int
    bytes: int
    users: float
    waited_s: float
    cpu_share: float
    lag_ms: float
    late_ms: float
    waiting: float
    search_lag_s: float
    findings: float
    search_cpu_s: float
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request of one role. `intended` is latency from the planned send time, `late` its delay."""

    method: str
    route: str
    role: str
    requests: int
    failed: int
    bytes: int
    ms: dict[str, Any]
    intended: dict[str, Any]
    late: dict[str, Any]

    @property
    def times(self) -> Histogram:
        return Histogram.from_json(self.intended)

    @property
    def named(self) -> str:
        return f"{self.role} {self.method} {self.route}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One expression of an objective. `outcome` is met, missed or unknown."""

    objective: str
    expression: str
    value: float | None
    outcome: str
    why: str


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What the search did. `findings` and `unsearched` are counts by place. No values are kept."""

    lost: bool
    findings: dict[str, int]
    unsearched: dict[str, int]
    doubts: list[str]
    responses: int = 0
    bytes: int = 0
    repeated: int = 0
    unanswered: int = 0
    planted: int = 0
    found: int = 0
    searched: int = 0
    cpu_s: float = 0.0
    workers: int = 0
    after_s: float = 0.0  # how long it went on after the load
    most_backlog: int = 0  # bytes that waited at most, and of them those on the disk
    most_on_disk: int = 0
    disk_refused: int = 0


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """The highest number of users that met the objectives, and each trial: users, and whether they met them (null:
    unknown)."""

    users: int
    trials: list[tuple[int, bool | None]]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """load.json, schema 1."""

    schema: int
    began: float | None
    warmup_s: float
    seconds: list[Second]
    routes: list[Route]
    objectives: list[Line]
    aborted: list[Line]
    saturated: str
    waited_share: float
    search: Search
    capacity: Capacity | None = None

    @property
    def verdict(self) -> str:
        """pass, fail or unknown. Fail takes precedence over unknown."""
        outcomes = {line.outcome for line in self.objectives}
        if self.search.findings or "missed" in outcomes:
            return "fail"
        blind = not self.search.planted or self.search.found < self.search.planted
        gap = self.search.lost or self.search.unsearched or self.search.doubts or not self.search.responses
        return "unknown" if blind or gap or "unknown" in outcomes else "pass"


def load_recorded(path: Path) -> Recorded:
    """Read a load.json file, or the one in a folder. Raises BadFile."""
    file = path / "load.json" if path.is_dir() else path
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Recorded)
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror or 'cannot be read'}") from None
    except msgspec.DecodeError as error:
        raise BadFile(f"{file}: no record of a load test ({str(error)[:120]})") from None
    if found.schema != 1:
        raise BadFile(f"{file}: schema {found.schema}; allowed: 1")
    return found
