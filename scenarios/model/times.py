"""Lengths of time as people write them: 250ms, 90s, 5m, 2h, 181d."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from gateway.fault_words import shown

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_LENGTH = re.compile(r"^\s*([+-]?)(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)\s*$")
_MOST_MS = 3_650 * 86_400_000


def milliseconds(said: Any, *, signed: bool = False) -> Any:
    """ "90s", "5m", "2h", "181d"; a bare number is seconds; at most ten years. Raises ValueError: none of these."""
    if isinstance(said, int | float) and not isinstance(said, bool):
        found = float(said) * 1_000
    else:
        match = _LENGTH.match(str(said))
        if match is None:
            raise ValueError(f"{shown(said)}: a time is wanted, such as 90s, 5m, 2h or 181d")
        found = float(match[2]) * _UNITS[match[3]] * (-1 if match[1] == "-" else 1)
    if found < 0 and not signed:
        raise ValueError(f"{shown(said)}: a time before the beginning; 0 or more is wanted")
    if abs(found) > _MOST_MS:
        raise ValueError(f"{shown(said)}: at most 3650d")
    return round(found)


def in_words(ms: int) -> str:
    """ "90 seconds", "12 hours", "1.5 days": the largest unit of which it is halves."""
    for name, size in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000)):
        if ms and ms % (size // 2) == 0 and abs(ms) >= size:
            return f"{ms / size:g} {name}{'' if ms == size else 's'}"
    return f"{ms / 1_000:g} second{'' if ms == 1_000 else 's'}"


def clock_hours(said: Any) -> Any:
    """ "22:30" as 22.5 hours. Raises ValueError: no time of day."""
    match = re.match(r"^\s*(\d{1,2})(?::(\d{2}))?\s*$", str(said))
    hours = float(match[1]) + float(match[2] or 0) / 60 if match else -1.0
    if not 0 <= hours <= 24 or (match and match[2] and int(match[2]) > 59):
        raise ValueError(f'{shown(said)}: a time of day is wanted, such as "22:30"')
    return hours


def _said(ms: int | None) -> str | None:
    """As a file says it, so that what is written is read back as it was."""
    return None if ms is None else f"{ms}ms"


def _said_hours(hours: float) -> str:
    return f"{int(hours):02d}:{round(hours % 1 * 60):02d}"


_AS_TEXT = PlainSerializer(_said, when_used="json")
Time = Annotated[int, BeforeValidator(milliseconds, json_schema_input_type=str | float), _AS_TEXT]
SignedTime = Annotated[
    int,
    BeforeValidator(lambda said: milliseconds(said, signed=True), json_schema_input_type=str | float),
    _AS_TEXT,
]
TimeOfDay = Annotated[
    float,
    BeforeValidator(clock_hours, json_schema_input_type=str),
    PlainSerializer(_said_hours, when_used="json"),
]
