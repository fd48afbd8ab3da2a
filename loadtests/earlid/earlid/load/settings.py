"""What `earlid locust` tells the processes of a load test."""

import json
from pathlib import Path
from typing import NamedTuple

from earlid.load.slo import Objective, objectives

SETTINGS = "EARLID_LOAD"  # names a JSON file with the keys of LoadSettings


class LoadSettings(NamedTuple):
    """`out` is the path of load.json. Objectives are judged without the first `warmup_s` seconds.

    `metrics_port` is where figures for Prometheus are served, on loopback; `figures` the file they are written to
    each second.
    """

    out: Path | None = None
    objectives: tuple[Objective, ...] = ()
    warmup_s: float = 0.0
    metrics_port: int | None = None
    figures: Path | None = None


def load_settings(path: Path) -> LoadSettings:
    """Read what `earlid locust` wrote. Raises OSError and ValueError."""
    told = json.loads(path.read_text())
    out, live = (Path(told[name]) if told.get(name) else None for name in ("out", "figures"))
    return LoadSettings(
        out, objectives(told["objectives"]), float(told["warmup_s"]), told.get("metrics_port"), figures=live
    )
