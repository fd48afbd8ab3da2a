"""When a clip was recorded, at the contract's grain and by the gateway's clock (a device's own decides nothing)."""

from datetime import datetime
from typing import Literal


def recorded_on(now: datetime, grain: Literal["exact", "hour", "day"]) -> str:
    """ISO 8601; an attacker still learns the day (or the hour)."""
    if grain == "day":
        return now.date().isoformat()
    if grain == "hour":
        return now.replace(minute=0, second=0, microsecond=0).isoformat()
    return now.isoformat(timespec="seconds")
