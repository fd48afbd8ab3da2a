"""Draws when people speak: a daily profile, habits of homes, ramps, storms, television evenings. Pure."""

import msgspec
import numpy as np

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# Share of a day's requests by hour of local time: little at night, a morning rise, most in the evening. An
# assumption of ours, in the shape smart-speaker surveys report; a scenario may give its own.
USUAL_HOURS = (
    *(0.8, 0.4, 0.3, 0.2, 0.3, 0.9, 2.6, 5.2, 5.8, 4.6, 4.0, 4.0),
    *(4.6, 4.3, 4.1, 4.4, 5.3, 6.8, 8.2, 8.6, 8.2, 7.4, 5.6, 3.4),
)


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """All devices send once within `spread_ms` after `at_ms`, for example when power returns or a broker restarts."""

    at_ms: int
    spread_ms: int = 1_000


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Utterances as a non-homogeneous Poisson process.

    `per_day` is a device's mean number of utterances. `hours` is the share of each hour (any scale). `span_ms` is the
    simulated time, from `starts_hour` local time. A home lives up to `shift_hours` earlier or later than the profile.
    In the share `television_share` of homes a television is on in `television_hours` [from, to). False wakes are then
    `television_false_wakes` times as likely. Devices start one after the other within `ramp_ms`.
    """

    per_day: float = 12.0
    hours: tuple[float, ...] = USUAL_HOURS
    starts_hour: float = 0.0
    span_ms: int = DAY_MS
    shift_hours: float = 1.5
    television_share: float = 0.5
    television_hours: tuple[int, int] = (19, 23)
    television_false_wakes: float = 3.0
    ramp_ms: int = 0
    storms: tuple[Storm, ...] = ()


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """One home's habits: its shift from the profile in hours, and whether a television is on in the evening."""

    shift_hours: float
    television: bool


def habit(day: Day, rng: np.random.Generator) -> Habit:
    shift = float(rng.uniform(-day.shift_hours, day.shift_hours))
    return Habit(shift_hours=shift, television=bool(rng.random() < day.television_share))


def arrivals(day: Day, home: Habit, rng: np.random.Generator) -> list[int]:
    """The times at which one device sends: milliseconds after the start, ascending, at least 1 ms apart.

    Method: thinning (Lewis and Shedler, 1979). Candidates come at the busiest hour's rate; each is kept with its hour's
    share.

    Raises:
        ValueError: not 24 hours, none above 0, or a negative one.
    """
    if len(day.hours) != 24 or min(day.hours) < 0 or max(day.hours) <= 0:
        raise ValueError("hours: 24 shares are wanted, none below 0 and one above")
    online = float(rng.uniform(0, day.ramp_ms)) if day.ramp_ms else 0.0
    busiest = max(day.hours)
    rate = day.per_day * busiest / sum(day.hours) / HOUR_MS
    count = int(rng.poisson(rate * day.span_ms))
    times = np.sort(rng.uniform(0, day.span_ms, count))
    kept = rng.random(count) * busiest < [share_at(day, home, at) for at in times]
    found = {int(at) for at, keep in zip(times, kept, strict=True) if keep and at >= online}
    for storm in day.storms:
        found.add(storm.at_ms + int(rng.integers(max(1, storm.spread_ms))))
    return sorted(found)


def share_at(day: Day, home: Habit, at_ms: float) -> float:
    """The profile's share at a time of this home's day."""
    return day.hours[int((local_hour(day, at_ms) - home.shift_hours) % 24)]


def watches(day: Day, home: Habit, at_ms: float) -> bool:
    """Whether a television is on in this home."""
    first, after = day.television_hours
    return home.television and first <= local_hour(day, at_ms) < after


def local_hour(day: Day, at_ms: float) -> float:
    return (day.starts_hour + at_ms / HOUR_MS) % 24
