"""Shapes of `earlid.load.shapes` as Locust takes them.

from earlid.load.shapes import Spike
from earlid.locust_shapes import shape

Mine = shape(Spike(quiet=10, loud=100, quiet_s=60, loud_s=20))
"""

import sys
from typing import Any

from earlid.load.shapes import Capacity, Shape


def shape(of: Shape) -> type:
    """A LoadTestShape for the locustfile. Locust takes the only one it finds there."""
    from locust import LoadTestShape

    class Shaped(LoadTestShape):
        def tick(self) -> Any:
            return of.users(self.get_run_time())  # type: ignore[no-untyped-call]

    return Shaped


def capacity(*, first: int, most: int, each_s: float, near: float = 0.1) -> type:
    """A LoadTestShape that looks for the most users that keep to the objectives of `--slo`, and prints the answer.

    Each trial of `each_s` seconds is judged by itself; its first quarter is warm-up.
    """
    from locust import LoadTestShape

    class Searching(LoadTestShape):
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.search = Capacity(first=first, most=most, each_s=each_s, near=near)
            self.ends_s: float | None = None

        def tick(self) -> Any:
            runner: Any = self.runner
            record = getattr(runner.environment, "earlid_load", None)
            if record is None or not record.has_objectives:
                sys.stderr.write("capacity: no objectives; wanted: `earlid locust --slo FILE`\n")
                return None
            now = self.get_run_time()  # type: ignore[no-untyped-call]
            if self.ends_s is None:
                record.begin_trial(each_s / 4)
                self.ends_s = now + each_s
            elif now >= self.ends_s:
                self.search.judge(self.search.now, record.end_trial(self.search.now))
                if self.search.found:
                    record.say_capacity(self.search.low, self.search.trials)
                    return None
                record.begin_trial(each_s / 4)
                self.ends_s = now + each_s
            return self.search.now, float(max(self.search.now, 1))

    return Searching
