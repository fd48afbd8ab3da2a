"""The open model: work arrives at a rate, whether or not the system keeps up.

    class Mine(Arrivals, HttpUser):
        per_user_per_s = 0.5

Each user has a schedule of intended moments. A user that is still busy at its next moment begins late; its response
time counts from the intended moment, so that a stalled system cannot hide the work it held up (coordinated omission).
The rate of a test is users x `per_user_per_s`, over any number of processes, and Poisson by default.
"""

import random
import time
from typing import Any

INTENDED = "intended_at"  # key of a request's context: seconds since 1970


class Schedule:
    """Intended moments, one after the other. `jitter` draws the gaps from an exponential distribution."""

    def __init__(self, per_s: float, *, began: float, jitter: bool = True, seed: int | None = None) -> None:
        if per_s <= 0:
            raise ValueError(f"per_user_per_s: {per_s}; allowed: above 0")
        self._per_s, self._jitter, self._rng = per_s, jitter, random.Random(seed)
        self.at = began + (self._rng.random() / per_s if not jitter else self._gap())

    def next(self) -> float:
        """The next intended moment; the one after it is planned from it, not from now."""
        at = self.at
        self.at += self._gap()
        return at

    def _gap(self) -> float:
        return self._rng.expovariate(self._per_s) if self._jitter else 1 / self._per_s


class Arrivals:
    """Put before Locust's user class. Only the first request of a task counts from the intended moment."""

    per_user_per_s = 1.0
    jitter = True
    _schedule: Schedule | None = None
    _intended: float | None = None

    def wait_time(self) -> float:
        """Seconds until the next intended moment; 0 when it is over."""
        if self._schedule is None:
            self._schedule = Schedule(self.per_user_per_s, began=time.time(), jitter=self.jitter)
        self._intended = self._schedule.next()
        return max(0.0, self._intended - time.time())

    def context(self) -> dict[str, Any]:
        """Locust lays this under the context of each request."""
        above: Any = super()
        told = dict(above.context()) if hasattr(above, "context") else {}
        if self._intended is not None:
            told[INTENDED], self._intended = self._intended, None
        return told
