"""The recording time of a clip by the gateway's clock, rounded to the contract's grain."""

from datetime import datetime
from typing import Literal


def recorded_on(now: datetime, grain: Literal["exact", "hour", "day"]) -> str:
    """The time as ISO 8601 text. An attacker still learns the day (or the hour)."""
    if grain == "day":
        return now.date().isoformat()
    if grain == "hour":
        return now.replace(minute=0, second=0, microsecond=0).isoformat()
    return now.isoformat(timespec="seconds")
