"""How many users there are at each moment: ramp, spike, soak, shift change, steps in search of the capacity.

Pure functions of time. `earlid.locust_shapes` makes them shapes of Locust. Times in seconds from the start.
"""

from typing import NamedTuple, Protocol

Users = tuple[int, float]  # how many, and how many more (or fewer) a second


class Shape(Protocol):
    """Answers None at the end of the test."""

    def users(self, at_s: float) -> Users | None: ...


class Ramp(NamedTuple):
    """From `first` to `last` users in `rise_s` seconds, then so many for `hold_s`."""

    last: int
    rise_s: float
    hold_s: float = 0.0
    first: int = 0

    def users(self, at_s: float) -> Users | None:
        if at_s > self.rise_s + self.hold_s:
            return None
        share = min(1.0, at_s / self.rise_s) if self.rise_s else 1.0
        rate = max(abs(self.last - self.first) / self.rise_s, 1.0) if self.rise_s else float(max(self.last, 1))
        return round(self.first + (self.last - self.first) * share), rate


class Spike(NamedTuple):
    """`quiet` users, `loud` users for `loud_s` seconds, and quiet again: does it recover?"""

    quiet: int
    loud: int
    quiet_s: float
    loud_s: float

    def users(self, at_s: float) -> Users | None:
        if at_s > 2 * self.quiet_s + self.loud_s:
            return None
        loud = self.quiet_s <= at_s < self.quiet_s + self.loud_s
        return (self.loud if loud else self.quiet), float(max(self.quiet, self.loud))


class Soak(NamedTuple):
    """The same number for a long time: what grows?"""

    people: int
    seconds: float

    def users(self, at_s: float) -> Users | None:
        return None if at_s > self.seconds else (self.people, float(max(1, self.people // 10)))


class ShiftChange(NamedTuple):
    """Everybody signs out, and as many others sign in `gap_s` later, each `shift_s` seconds, so many `shifts`."""

    people: int
    shift_s: float
    gap_s: float = 5.0
    shifts: int = 3

    def users(self, at_s: float) -> Users | None:
        shift, into = divmod(at_s, self.shift_s + self.gap_s)
        if shift >= self.shifts:
            return None
        return (self.people if into < self.shift_s else 0), float(self.people)


class Steps(NamedTuple):
    """`step` users more every `each_s` seconds up to `most`. With `abort` in the SLO file it stops at the capacity."""

    step: int
    each_s: float
    most: int

    def users(self, at_s: float) -> Users | None:
        number = int(at_s // self.each_s) + 1
        return None if number * self.step > self.most else (number * self.step, float(self.step))


class Capacity:
    """Searches the highest number of users that keeps to the objectives, by halving, `each_s` seconds a trial.

    `judge(users, kept)` is told after each trial. `kept` is None when it cannot be said; then the trial is repeated
    once, and counts as not kept after that.
    """

    def __init__(self, *, first: int, most: int, each_s: float, near: float = 0.1) -> None:
        self.low, self.high, self.now = 0, most + 1, min(first, most)
        self.each_s, self._near, self._again = each_s, near, False
        self.trials: list[tuple[int, bool | None]] = []

    @property
    def found(self) -> bool:
        """Whether the answer is known to `near` of itself."""
        return self.high - self.low <= max(1, round(self.low * self._near))

    def judge(self, users: int, kept: bool | None) -> None:
        self.trials.append((users, kept))
        if kept is None and not self._again:
            self._again = True
            return
        self._again = False
        if kept:
            self.low = max(self.low, users)
        else:
            self.high = min(self.high, users)
        beyond = self.now * 2 if kept and not any(not good for _n, good in self.trials) else (self.low + self.high) // 2
        self.now = max(1, min(beyond, self.high - 1))
