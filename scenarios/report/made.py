"""The head of a report: when, where, with what and by whom the run was made."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import msgspec


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """`started` is UTC (ISO). `operator` is the name given with --operator, never a guess. `command` runs it again."""

    started: str
    seconds: float
    earlid: str
    target: str
    machine: str
    operator: str | None
    command: str

    @property
    def own_name(self) -> str | None:
        """The name of the system under test if it is somebody's own; None for the built-in one."""
        return None if not self.target or self.target.startswith("built in") else self.target.rpartition(", ")[0]


def made(*, started: datetime, target: str, operator: str | None, command: str) -> Made:
    """For a run that has just ended."""
    seconds = (datetime.now(UTC) - started).total_seconds()
    return Made(
        started=started.astimezone(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 1),
        earlid=earlid_version(),
        target=target,
        machine=f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        operator=operator,
        command=command,
    )


def earlid_version() -> str:
    try:
        return version("earlid")
    except PackageNotFoundError:
        return "not installed"
